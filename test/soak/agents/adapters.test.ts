import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { maestro } from '../../e2e/maestro.ts';
import { Place } from '../../agents/place.ts';

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
      const file = execFileSync('git', ['--git-dir', join(place.data, 'repos/one/greet.git'), 'show', 'main:JOY.md']);
      expect(file.toString()).toBe('# Joy\n');
      const billed = place.billed();
      const nano = billed.reduce((sum, each) => sum + each.nano, 0);
      const [calls] = place.rows<{ n: number; nano: number }>(
        `select count(*) as n, sum(cost_nano) as nano from model_call where source = 'reported'`,
      );
      expect(calls).toEqual({ n: billed.length, nano });
      const charged = place.rows<{ data: string }>(`select data from event where type = 'usage.charged'`).at(-1);
      expect(JSON.parse(charged?.data ?? '')).toMatchObject({ modelNano: nano, modelCalls: billed.length });
      console.log(`${agent}: landed, ${billed.length} calls, $${done.costUsd}`);
    },
  );

  it('Gemini is refused, with the reason that its models are asked in a format of their own', async () => {
    await using place = await Place.make([]);
    await place.tenant();

    const { stdout } = await maestro(place.data, ['agents'], place.env);

    expect(stdout).toMatch(/gemini.*gemini asks models in Google's own format, which the gateway does not offer/);
  });
});
