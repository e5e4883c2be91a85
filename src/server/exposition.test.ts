import { describe, expect, it } from 'vitest';
import { exposition } from './exposition.ts';

describe('the text that Prometheus reads', () => {
  it('has help, type and one line for each sample', () => {
    const samples = [
      { labels: {}, value: 1 },
      { labels: { pool: 'gpu=true', host: 'a' }, value: 0.25 },
    ];

    expect(exposition([{ name: 'x', help: 'What it is.', samples }])).toBe(
      '# HELP x What it is.\n# TYPE x gauge\nx 1\nx{pool="gpu=true",host="a"} 0.25\n',
    );
  });

  it('escapes labels, and writes what is no finite number in its own words', () => {
    const samples = [
      { labels: { a: 'say "hi"\\\n' }, value: Infinity },
      { labels: { a: '' }, value: Number.NaN },
    ];

    expect(
      exposition([{ name: 'x', help: 'H.', samples }])
        .split('\n')
        .slice(2),
    ).toEqual(['x{a="say \\"hi\\"\\\\\\n"} +Inf', 'x{a=""} NaN', '']);
  });

  it('leaves out what has no samples', () => {
    expect(exposition([{ name: 'x', help: 'H.', samples: [] }])).toBe('\n');
  });
});
