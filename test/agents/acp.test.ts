import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { acpRunner, type RunOutcome } from '#agents/index.ts';
import { programSchema } from '#agents/ports.ts';
import { GREETING } from '../e2e/maestro.ts';
import { forwarder, stage } from './stage.ts';

const agents = await stage();
afterAll(() => agents[Symbol.asyncDispose]());
const walled = agents.sandbox.profile.kind === 'bubblewrap';
if (!walled) console.log('skipped: without bubblewrap an agent has no walls');

const script = fileURLToPath(new URL('./scripted-acp-agent.mjs', import.meta.url));
const program = {
  ...programSchema.parse({ runner: 'acp', program: script, env: { GATEWAY: '{url}/where' }, readOnly: [script] }),
  name: 'scripted',
  path: script,
};
const runner = (change: { wallMs?: number; outputBytes?: number } = {}) =>
  acpRunner({ program, forwarder, wallMs: 60_000, outputBytes: 4 * 2 ** 20, version: '0', ...change });

async function behave(word: string, parts: Parameters<typeof agents.open>[2] = {}, change = {}) {
  const run = await agents.open(GREETING, `BEHAVE:${word}`, parts);
  const context = run.context();
  const outcome: RunOutcome = await runner(change).run(context);
  const tree = context.lastCheckpoint()?.tree;
  const file = (path: string) => (tree === undefined ? Promise.reject(new Error('no tree')) : run.treeFile(path, tree));
  return { outcome, file, run, context };
}

async function running(text: string): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')));
  return lines.filter((line) => line.includes(text)).length;
}

describe.skipIf(!walled)('an agent that speaks ACP', () => {
  it('has its edits taken as the change, whatever it says', async () => {
    const { outcome, file } = await behave('edit');

    expect(outcome).toMatchObject({ kind: 'change', summary: 'BEHAVE:edit' });
    expect(await file('src/greet.js')).toContain('Hi, ');
  });

  it('that claims success without a change has made none', async () => {
    const { outcome } = await behave('claim');

    expect(outcome).toMatchObject({ kind: 'no_change' });
    expect(outcome).toHaveProperty('summary', expect.stringContaining('I have changed everything'));
  });

  it('reaches files and terminals by its client, inside the workspace and as policy allows', async () => {
    const { file } = await behave('client', { denied: ['secret.txt'] });

    expect(JSON.parse(await file('seen.json'))).toEqual({
      out: -32_602,
      denied: expect.stringContaining('no task may touch it'),
      exit: 0,
      output: 'from terminal\n',
      gone: -32_602,
    });
    expect(await file('deep/new.txt')).toContain('Hello');
  });

  it('is answered by policy when it asks for permission', async () => {
    const { outcome, file } = await behave('polite', { denied: ['secret.txt'] });

    expect(JSON.parse(await file('answers.json'))).toEqual(['yes', 'no', 'no']);
    expect(outcome).toHaveProperty('warnings', ['2 of its 3 requests for permission were refused.']);
  });

  it('reaches the gateway and nothing else', async () => {
    const server = createServer((_, response) => response.writeHead(418).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    const { file } = await behave('net', { gateway });

    expect(JSON.parse(await file('net.json'))).toEqual(['ENETUNREACH', 'ECONNREFUSED', 418]);
    await new Promise((resolve) => server.close(resolve));
  });

  it('cannot edit outside of its workspace', async () => {
    const { outcome } = await behave('outside');

    expect(outcome.kind).toBe('change');
    expect(await readFile('/etc/passwd', 'utf8')).not.toBe('x');
  });

  it('may delete .git: the change is taken by the host', async () => {
    const { outcome, file } = await behave('nogit');

    expect(outcome.kind).toBe('change');
    expect(await file('src/greet.js')).toContain('Hi, ');
  });

  it('takes its daemons with it', async () => {
    const { outcome } = await behave('daemon');

    expect(outcome.kind).toBe('change');
    expect(await running('591.77')).toBe(0);
  });

  it.each([
    ['flood', 'AGENT_OUTPUT'],
    ['garbage', 'AGENT_OUTPUT'],
    ['asks', 'AGENT_ASKS'],
    ['die', 'AGENT_DIED'],
    ['refuse', 'AGENT_BROKE_PROTOCOL'],
  ])('that behaves like "%s" ends as %s', async (word, code) => {
    const { outcome } = await behave(word);

    expect(outcome).toMatchObject({ kind: 'failed', reasons: [{ code }] });
    if (word === 'die') expect(outcome).toHaveProperty('reasons.0.msg', expect.stringContaining('segmentation fault'));
  });

  it('that hangs is ended when the time of its run is over', async () => {
    const { outcome } = await behave('hang', {}, { wallMs: 2500 });

    expect(outcome).toMatchObject({ kind: 'failed', reasons: [{ code: 'AGENT_WALL' }] });
  });

  it.each([
    ['slow', 'goes on in its own session with its own files', 'resumed', 'resumed', []],
    ['forgetful', 'begins a new session where it has lost its own, and it is said', 'anew', 'new', ['new session']],
  ])('%s: stopped half way, %s', async (word, _, session, said, warned) => {
    const run = await agents.open(GREETING, `BEHAVE:${word}`);
    const stop = new AbortController();
    const first = runner().run(run.context(stop.signal));
    const half = async (): Promise<boolean> =>
      readFile(`${run.workspace.dir}/half.txt`).then(
        () => true,
        () => false,
      );
    while (!(await half())) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 100));
    stop.abort(new Error('preempted'));
    await expect(first).rejects.toThrow('preempted');

    const context = run.context();
    const outcome = await runner().run(context);

    expect(outcome.kind).toBe('change');
    expect(await run.treeFile('whole.txt', context.lastCheckpoint()!.tree)).toBe(`half and whole, ${said}`);
    expect(run.journal.get('turn')?.result).toMatchObject({ session });
    expect(outcome).toMatchObject({ warnings: warned.map((text) => expect.stringContaining(text)) });
  });
});
