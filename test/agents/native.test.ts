import { afterAll, describe, expect, it } from 'vitest';
import { type ChatAnswer, nativeRunner } from '#agents/index.ts';
import { GREETING } from '../e2e/maestro.ts';
import { stage } from './stage.ts';

const agents = await stage();
afterAll(() => agents[Symbol.asyncDispose]());

type Step = readonly (readonly [name: string, args: object | string])[] | string;

/** A model that says these things in order; what was asked is kept. */
function scripted(steps: readonly Step[]) {
  const asked: { key: string; messages: { role: string; content: string }[]; tools: unknown }[] = [];
  const ask = (key: string, body: { readonly [name: string]: unknown }): ChatAnswer => {
    asked.push({ key, ...(body as { messages: { role: string; content: string }[]; tools: unknown }) });
    const seq = asked.filter((each, i) => asked.findIndex((other) => other.key === each.key) === i).length;
    const step = steps[Math.min(seq, steps.length) - 1] ?? 'nothing';
    const calls = typeof step === 'string' ? [] : step;
    return {
      kind: 'answer',
      text: typeof step === 'string' ? step : '',
      calls: calls.map(([name, args], i) => ({
        id: `c${seq}-${i}`,
        name,
        arguments: typeof args === 'string' ? args : JSON.stringify(args),
      })),
      finish: 'stop',
      usage: { inputTokens: 10, cachedTokens: 0, outputTokens: 5, costNano: 1000 },
    };
  };
  const told = (): string =>
    asked
      .at(-1)!
      .messages.filter(({ role }) => role === 'tool')
      .map(({ content }) => content)
      .join('\n---\n');
  return { ask, asked, told };
}

const bounds = { steps: 20, wallMs: 600_000, outputBytes: 1_000_000, answerTokens: 1000 };
const EDIT = ['edit', { path: 'src/greet.js', old: 'Hello', new: 'Hi' }] as const;
const FINISH = ['finish', { kind: 'change', summary: 'Greet shorter' }] as const;

async function play(steps: readonly Step[], change: Partial<typeof bounds> = {}, denied: readonly string[] = []) {
  const model = scripted(steps);
  const run = await agents.open(GREETING, 'Say Hi', { ask: model.ask, denied });
  const context = run.context();
  const outcome = await nativeRunner({ ...bounds, ...change }).run(context);
  return { outcome, model, run, context };
}

describe('the native agent', () => {
  it('reads, edits, runs and finishes, with a checkpoint after each step', async () => {
    const { outcome, model, run, context } = await play([
      [
        ['list', {}],
        ['read', { path: 'src/greet.js' }],
        ['search', { pattern: 'Hel+o' }],
      ],
      [EDIT, ['create', { path: 'a/b.txt', text: 'new' }]],
      [
        ['test', {}],
        ['run', { command: 'cat a/b.txt; exit 3' }],
      ],
      [FINISH, EDIT],
    ]);

    expect(outcome).toEqual({ kind: 'change', summary: 'Greet shorter', warnings: [] });
    expect(await run.treeFile('src/greet.js', context.lastCheckpoint()!.tree)).toContain('Hi, ');
    const told = model.told();
    for (const text of [
      'src/greet.js\n',
      '1\texport function',
      'src/greet.js:2: return',
      'one place replaced',
      'exit code 3\nnew',
    ])
      expect(told).toContain(text);
    expect([...run.journal.keys()]).toEqual(['brief', ...[1, 2, 3, 4].flatMap((n) => [`think:${n}`, `do:${n}`])]);
  });

  it('keeps the beginning of its prompt to the byte, so that prompt caches hold', async () => {
    const { model } = await play([[['list', {}]], [EDIT], [FINISH]]);

    for (const [i, { messages, tools }] of model.asked.entries()) {
      const before = model.asked[i - 1];
      if (before === undefined) continue;
      expect(JSON.stringify(messages).startsWith(JSON.stringify(before.messages).slice(0, -1))).toBe(true);
      expect(tools).toEqual(before.tools);
    }
  });

  it('is told what is wrong with its calls, and goes on', async () => {
    const { outcome, model } = await play(
      [
        [
          ['edit', { path: 'src/greet.js', old: 'nowhere', new: 'x' }],
          ['edit', '{broken'],
          ['fly', {}],
        ],
        [
          ['read', { path: '../../etc/passwd' }],
          ['read', { path: 7 }],
          ['search', { pattern: '(' }],
        ],
        [
          ['edit', { path: 'secret.txt', old: 'a', new: 'b' }],
          ['create', { path: 'secret.txt', text: 'x' }],
        ],
        [['finish', { kind: 'change', summary: 'I did it' }]],
        [['finish', { kind: 'no_change', summary: 'Nothing to do' }]],
      ],
      {},
      ['secret.txt'],
    );

    expect(outcome).toEqual({ kind: 'no_change', summary: 'Nothing to do' });
    const told = model.told();
    for (const text of [
      'old does not stand in',
      'not JSON',
      'no tool fly',
      'no path inside',
      'wrong arguments',
      'cannot be read',
      'PATH_DENIED',
      'no file differs',
    ])
      expect(told).toContain(text);
  });

  it.each([
    ['AGENT_IDLE', ['I am', 'still', 'thinking'], {}],
    ['AGENT_REPEATS', [[['list', {}]]], {}],
    ['AGENT_STEPS', [[['run', { command: 'echo $(date +%N)' }]]], { steps: 3 }],
    ['AGENT_OUTPUT', [[['run', { command: 'date +%N; seq 3000' }]]], { outputBytes: 20_000 }],
  ] as const)('%s ends it', async (code, steps, change) => {
    const { outcome } = await play(steps, change);

    expect(outcome).toMatchObject({ kind: 'failed', reasons: [{ code }] });
  });

  it('leaves to a person what blocks it', async () => {
    const blocked = { kind: 'needs_human', summary: 'Which greeting?', nextStep: 'say which one; costs nothing' };
    const { outcome } = await play([[['finish', blocked]]]);

    expect(outcome).toMatchObject({ kind: 'needs_human', reasons: [{ code: 'AGENT_BLOCKED', fix: blocked.nextStep }] });
  });

  it('broken off in any step goes on from the step before and asks under the same key', async () => {
    const steps: readonly Step[] = [[EDIT], [['run', { command: 'echo once >> log.txt' }]], [FINISH]];
    for (const at of ['think:1', 'do:1', 'think:2', 'do:2', 'think:3', 'do:3']) {
      const model = scripted(steps);
      const run = await agents.open(GREETING, 'Say Hi', { ask: model.ask });
      const broken = run.context();
      const cut = <T extends { think: unknown; step: unknown }>(context: T): T => {
        const wrap =
          (method: (name: string, work: (...args: unknown[]) => Promise<unknown>, ...rest: unknown[]) => unknown) =>
          (name: string, work: (...args: unknown[]) => Promise<unknown>, ...rest: unknown[]) =>
            method(
              name,
              async (...args) => {
                const done = await work(...args);
                if (name === at) throw new Error('power cut'); // done, and not recorded
                return done;
              },
              ...rest,
            );
        return { ...context, think: wrap(context.think as never), step: wrap(context.step as never) };
      };
      await expect(nativeRunner(bounds).run(cut(broken as never))).rejects.toThrow('power cut');

      const context = run.context();
      const outcome = await nativeRunner(bounds).run(context);

      expect(outcome.kind, at).toBe('change');
      expect(await run.treeFile('log.txt', context.lastCheckpoint()!.tree), at).toBe('once');
      expect(new Set(model.asked.map(({ key }) => key)).size, at).toBe(3);
      if (at === 'do:2') expect(model.told()).toContain('The run was interrupted here');
    }
  });
});
