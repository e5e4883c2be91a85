import { expect, it } from 'vitest';
import type { SandboxResult } from '#domain/sandbox.ts';
import { endOf, joined, printedBy } from './printed.ts';

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

it('keeps everything that has room', () => {
  const both = end({ stdout: 'one\n', stderr: 'two\n' }, 8);

  expect(both).toEqual({ stdout: 'one\n', stderr: 'two\n', whole: true });
  expect(joined(both)).toBe('one\n\n--- stderr ---\ntwo\n');
  expect(end({}, 8)).toEqual({ stdout: '', stderr: '', whole: true });
});

it('keeps the end of each stream, so that one that says much does not drown the other', () => {
  const noise = 'warning\n'.repeat(1000);

  expect(end({ stdout: `${'. '.repeat(100)}not ok 3`, stderr: noise }, 40)).toEqual({
    stdout: '[188 characters before this are not kept]\n. . . . . . not ok 3',
    stderr: '[7980 characters before this are not kept]\ning\nwarning\nwarning\n',
    whole: false,
  });
  expect(end({ stdout: 'short', stderr: noise }, 40)).toMatchObject({
    stdout: 'short',
    stderr: expect.stringMatching(/^\[7965 characters/),
  });
});

it('masks keys of ours before it cuts, also those with an escape inside', () => {
  const key = `mk_${'aB3-_'.repeat(9)}`;

  expect(end({ stdout: `${key}!` }, 20).stdout).toBe('[key]!');
  expect(end({ stderr: `${key.slice(0, 9)}\u001b[1m${key.slice(9)}` }, 100).stderr).toBe('[key]');
});

it('cuts no letter in two, and says that it is not whole when the sandbox dropped a part', () => {
  expect(end({ stdout: 'x🎉🎉' }, 3).stdout).toBe('[2 characters before this are not kept]\n\ufffd🎉');
  expect(end({ stdout: 'x', truncated: true }, 3)).toEqual({ stdout: 'x', stderr: '', whole: false });
});
