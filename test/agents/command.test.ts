import { afterAll, describe, expect, it } from 'vitest';
import { commandRunner } from '#agents/index.ts';
import { programSchema } from '#agents/ports.ts';
import { GREETING } from '../e2e/maestro.ts';
import { forwarder, stage } from './stage.ts';

const agents = await stage();
afterAll(() => agents[Symbol.asyncDispose]());

async function sh(script: string, args: readonly string[] = [], wallMs = 60_000) {
  const row = { runner: 'command', program: '/bin/sh', args: ['-c', script, 'agent', ...args] };
  const program = { ...programSchema.parse(row), name: 'shell', path: '/bin/sh' };
  const run = await agents.open(GREETING, 'Say "hi"; $(touch shell)');
  const context = run.context();
  const outcome = await commandRunner({ program, forwarder, wallMs }).run(context);
  return { outcome, file: (path: string) => run.treeFile(path, context.lastCheckpoint()!.tree) };
}

describe('any program as an agent', () => {
  it('reads its prompt from standard input, and its edits are the change', async () => {
    const { outcome, file } = await sh('grep -c "Say .hi.; .(touch shell)" > found.txt; echo done');

    expect(outcome).toMatchObject({ kind: 'change', summary: 'Say "hi"; $(touch shell)' });
    expect(await file('found.txt')).toBe('1');
  });

  it('or from an argument, which no shell reads, or from a file', async () => {
    const { file } = await sh('printf %s "$1" | tail -n 1 > a; tail -n 1 "$2" > b', ['{prompt}', '{promptFile}']);

    expect(await file('a')).toBe('Say "hi"; $(touch shell)');
    expect(await file('b')).toBe('Say "hi"; $(touch shell)');
  });

  it.each([
    ['echo I did it all', { kind: 'no_change', summary: expect.stringContaining('I did it all') }],
    ['echo x > x; echo broken >&2; exit 3', { kind: 'failed', reasons: [{ code: 'AGENT_FAILED' }] }],
    ['kill -9 $$', { kind: 'failed', reasons: [{ code: 'AGENT_DIED' }] }],
    ['no-such-program', { kind: 'failed', reasons: [{ code: 'AGENT_NOT_INSTALLED' }] }],
    [
      'rm -rf .git; echo x > x; yes | head -c 1000000',
      { kind: 'change', warnings: ['shell printed more than is kept.'] },
    ],
  ])('"%s" ends with a clear reason', async (script, end) => {
    expect((await sh(script)).outcome).toMatchObject(end);
  });

  it('is ended when the time of its run is over', async () => {
    const { outcome } = await sh('sleep 60', [], 500);

    expect(outcome).toMatchObject({ kind: 'failed', reasons: [{ code: 'AGENT_WALL' }] });
  });
});
