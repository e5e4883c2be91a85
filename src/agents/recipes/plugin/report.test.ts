import { expect, it } from 'vitest';
import { pluginReport } from './report.ts';

const reason = { code: 'NOT_INSTALLED', msg: 'it is not there', field: 'id', fix: 'install it' };

it('reports edits as a change, none as no change, and a refusal or an error as a failure', () => {
  const ok = { ok: true, fuel: 1, wallMs: 1 } as const;

  expect(pluginReport('a.b', { ...ok, output: {}, edited: ['x.ts', 'y.ts'] })).toMatchObject({
    kind: 'change',
    summary: 'a.b edited 2 files',
    files: ['x.ts', 'y.ts'],
  });
  expect(pluginReport('a.b', { ...ok, output: { total: 3 }, edited: [] })).toEqual({
    kind: 'no_change',
    summary: 'a.b changed nothing: {"total":3}',
  });
  expect(pluginReport('a.b', { ok: false, wallMs: 0, code: 'NOT_INSTALLED', reasons: [reason] })).toEqual({
    kind: 'failed',
    reasons: [reason],
  });
  expect(pluginReport('a.b', { ...ok, output: { error: 'no pattern' }, edited: [] })).toMatchObject({
    kind: 'failed',
    reasons: [{ code: 'PLUGIN_SAYS_NO', msg: 'a.b: no pattern' }],
  });
});
