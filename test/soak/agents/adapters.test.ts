import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { maestro } from '../../e2e/maestro.ts';
import { Place, type Rules } from '../../agents/place.ts';
import { sameMoney, turnOf } from './agreement.ts';
import { AFTER_IT_WROTE, hasSession, killed, type Moment, thinks } from './killed.ts';

// The adapters of Claude Code and Codex from npm, conducted inside walls that have a loopback and nothing else, against
// a double of providers. This test installs them into a folder of its own; nothing here says anything about a model.

const CLAUDE = '@agentclientprotocol/claude-agent-acp@0.101.0';
const CODEX = '@agentclientprotocol/codex-acp@2.6.0';
const folder = mkdtempSync(join(tmpdir(), 'maestro-adapters-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const missing = installed();
if (missing !== undefined) console.log(`skipped: ${CLAUDE} and ${CODEX} cannot be installed here (${missing})`);

function installed(): string | undefined {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }));
  try {
    const args = ['install', '--no-save', '--no-audit', '--no-fund', CLAUDE, CODEX];
    execFileSync('npm', args, { cwd: folder, stdio: 'pipe', timeout: 280_000 });
    return undefined;
  } catch (fault) {
    return String(fault).split('\n')[0];
  }
}

/** How each of them writes a file. */
const WRITES = {
  'claude-code': { name: 'Write', arguments: { file_path: '/workspace/JOY.md', content: '# Joy\n' } },
  codex: { name: 'exec_command', arguments: { cmd: "printf '# Joy\\n' > JOY.md", login: false } },
} as const;

/** The same by a command that would show if it ran twice. */
const APPENDS = {
  'claude-code': {
    name: 'Bash',
    arguments: { command: "echo '# Joy' >> /workspace/JOY.md", description: 'Writes the file' },
  },
  codex: { name: 'exec_command', arguments: { cmd: "echo '# Joy' >> JOY.md", login: false } },
} as const;

/** What Claude Code says in the model's stead where it was killed before an answer came: one more turn of the double. */
const UNANSWERED = 'No response requested.';

/** A model that is told that the file is there writes it no more. */
function scriptOf(agent: keyof typeof APPENDS): Rules {
  const turns = [{ calls: [APPENDS[agent]] }, { text: 'I have written JOY.md.' }];
  return [
    { contains: 'Files that differ from the base now', turns: [{ text: 'JOY.md is written already.' }] },
    { contains: UNANSWERED, turns: [{ text: UNANSWERED }, ...turns] },
    { contains: 'Write it', turns },
  ];
}

const MOMENTS: { readonly [when: string]: Moment } = {
  'in its second call, after it wrote': { ready: AFTER_IT_WROTE },
  'in its first call': { ready: thinks },
  'before its first call': { ready: hasSession },
  'after it wrote, and its session lost': { ready: AFTER_IT_WROTE, losesHome: true },
};
const KILLS = Object.keys(MOMENTS).flatMap((when) =>
  (['claude-code', 'codex'] as const).map((agent) => ({ agent, when })),
);

function joyIn(place: Place): string {
  const args = ['--git-dir', join(place.data, 'repos/one/greet.git'), 'show', 'main:JOY.md'];
  return execFileSync('git', args).toString();
}

describe.skipIf(missing !== undefined)('adapters of others', () => {
  it.each(['claude-code', 'codex'] as const)(
    '%s makes a change that lands; provider, gateway and ledger agree on every token',
    async (agent) => {
      const turns = [{ calls: [WRITES[agent]] }, { text: 'I have written JOY.md.' }];
      await using place = await Place.make([{ contains: 'Write it down', turns }]);
      await place.tenant();
      process.env['PATH'] = [join(folder, 'node_modules/.bin'), process.env['PATH']].join(delimiter);

      const done = await place.submit(agent, 'Write it down: JOY.md', ['--wait']);

      expect(done).toMatchObject({ state: 'landed', reasons: [] });
      expect(joyIn(place)).toBe('# Joy\n');
      const { calls } = sameMoney(place);
      console.log(`${agent}: landed, ${calls} calls, $${done.costUsd}`);
    },
  );

  it.each(KILLS)(
    '$agent killed with its worker $when goes on, writes once, and every call is paid once',
    async ({ agent, when }) => {
      await using place = await Place.make(scriptOf(agent));
      await place.tenant();
      process.env['PATH'] = [join(folder, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
      const { task } = await place.submit(agent, 'Write it {{delay=700}} down slowly: JOY.md');

      const before = await killed(place, MOMENTS[when]!);

      expect(place.rows('select state, reasons from task')).toEqual([{ state: 'landed', reasons: '[]' }]);
      expect(joyIn(place)).toBe('# Joy\n');
      const { session, stop } = turnOf(place);
      expect(stop).toBe('end_turn');
      // A session in which nothing was said is kept by no agent that cannot know of it.
      if (when !== 'before its first call') expect(session).toBe(when.endsWith('lost') ? 'anew' : 'resumed');
      const card = (await maestro(place.data, ['evidence', 'show', task], place.env)).stdout;
      expect(card.includes('began a new session')).toBe(session === 'anew');
      const { calls } = sameMoney(place);
      console.log(
        `${agent} killed ${when}: session ${session}, landed; ${before} calls before the kill, ${calls} in all`,
      );
    },
  );

  it('Gemini is refused, with the reason that its models are asked in a format of their own', async () => {
    await using place = await Place.make([]);
    await place.tenant();

    const { stdout } = await maestro(place.data, ['agents'], place.env);

    expect(stdout).toMatch(/gemini.*gemini asks models in Google's own format, which the gateway does not offer/);
  });
});
