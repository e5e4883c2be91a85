import { expect, it } from 'vitest';
import type { SandboxResult } from '#domain/sandbox.ts';
import { endOf, printedBy } from './printed.ts';

const result: SandboxResult = {
  exitCode: 1,
  endedBy: 'exit',
  stdout: '',
  stderr: '',
  truncated: false,
  wallMs: 1,
  cpuMs: 1,
};
const end = (printed: Partial<SandboxResult>, most: number) => endOf(printedBy({ ...result, ...printed }), most);

it('keeps everything that has room, standard error behind standard output', () => {
  expect(end({ stdout: 'one\n', stderr: 'two\n' }, 8)).toEqual({ text: 'one\n\n--- stderr ---\ntwo\n', whole: true });
  expect(end({}, 8)).toEqual({ text: '', whole: true });
});

it('keeps the end of each stream, so that one that says much does not drown the other', () => {
  const noise = 'warning\n'.repeat(1000);

  const { text, whole } = end({ stdout: `${'. '.repeat(100)}not ok 3`, stderr: noise }, 40);

  expect(whole).toBe(false);
  expect(text.split('\n')).toEqual([
    '[188 characters before this are not kept]',
    '. . . . . . not ok 3',
    '--- stderr ---',
    '[7980 characters before this are not kept]',
    'ing',
    'warning',
    'warning',
    '',
  ]);
  expect(end({ stdout: 'short', stderr: noise }, 40).text).toMatch(/^short\n--- stderr ---\n\[7965 characters.*\]\n/);
});

it('masks keys of ours before it cuts, also those with an escape inside', () => {
  const key = `mk_${'aB3-_'.repeat(9)}`;

  expect(end({ stdout: `${key}!` }, 20).text).toBe('[key]!');
  expect(end({ stdout: `${key.slice(0, 9)}\u001b[1m${key.slice(9)}` }, 100).text).toBe('[key]');
});

it('cuts no letter in two, and says that it is not whole when the sandbox dropped a part', () => {
  expect(end({ stdout: 'x🎉🎉' }, 3).text).toBe('[2 characters before this are not kept]\n\ufffd🎉');
  expect(end({ stdout: 'x', truncated: true }, 3)).toEqual({ text: 'x', whole: false });
});
