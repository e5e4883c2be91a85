import { describe, expect, it } from 'vitest';
import { printReport, readReport } from './report-schema.ts';

describe('a report out of the sandbox', () => {
  it('is read from the last line', () => {
    const report = { kind: 'change', summary: 'done', files: ['a.ts'], places: 1, warnings: [] } as const;

    expect(readReport(`noise\n${printReport(report)}`)).toEqual(report);
  });

  it.each([
    '',
    'not json',
    '{}',
    '{"kind":"change"}',
    '{"kind":"no_change","summary":7}',
    '{"kind":"no_change","summary":"x","more":1}',
    '{"kind":"failed","reasons":[]}',
    '{"kind":"failed","reasons":[{"code":"lower case","msg":"","field":"","fix":""}]}',
    `{"kind":"no_change","summary":"${'x'.repeat(5000)}"}`,
  ])('is refused when it is not one: %.60s', (printed) => {
    expect(readReport(printed)).toBeUndefined();
  });
});
