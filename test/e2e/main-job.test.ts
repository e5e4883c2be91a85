import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  filesAsSigned,
  missingStatements,
  subjectIsInGit,
  verifyWithOpenssl,
  verifyWithSigstore,
} from '../evidence/others.ts';
import { rowsIn } from '../engines/sealed-rows.ts';
import { type Ended, json, maestro, run, scratch } from './maestro.ts';

const EXPORT_ALL = fileURLToPath(new URL('./export-all.ts', import.meta.url));
const REPOS: { readonly [tenant: string]: string } = { atlas: 'storefront', borealis: 'ledger', cumulus: 'telemetry' };
const folder = scratch();
const data = join(folder.dir, 'data');
let first: Ended;

interface TaskRow {
  readonly id: string;
  readonly key: string;
  readonly tenant: string;
  readonly state: string;
  readonly reasons: string;
}
const tasks = () => rowsIn<TaskRow>(data, 'select id, key, tenant, state, reasons from task');

beforeAll(async () => {
  first = await maestro(data, ['start', '--exit']);
}, 170_000);
afterAll(() => folder[Symbol.dispose]());

describe('the main job', () => {
  it('ends every task as the examples say, as read from SQL', () => {
    const expected = JSON.parse(readFileSync('examples/expected.json', 'utf8')) as {
      readonly [key: string]: { readonly state: string; readonly reason?: string };
    };

    const found = Object.fromEntries(tasks().map((task) => [task.key, task]));

    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
    for (const [key, { state, reason }] of Object.entries(expected)) {
      expect(`${key}: ${found[key]?.state}`).toBe(`${key}: ${state}`);
      if (reason !== undefined) expect(found[key]?.reasons).toContain(`"code":"${reason}"`);
    }
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('Shares of slot time');
  });

  it('resumes where it was: a second start does nothing twice and ends as well', async () => {
    const again = await maestro(data, ['start', '--exit']);

    expect(again.code).toBe(0);
    expect(tasks().length).toBe(18);
    const db = new DatabaseSync(join(data, 'maestro.db'), { readOnly: true });
    const [row] = db.prepare("select count(*) as n from event where type = 'change.landed'").all() as { n: number }[];
    db.close();
    expect(row?.n).toBe(tasks().filter(({ state }) => state === 'landed').length);
  });

  it('leaves evidence of every task that third-party code verifies with the key pinned beforehand', async () => {
    const out = join(folder.dir, 'evidence');
    const exported = await run(process.execPath, [EXPORT_ALL, data, out]);
    expect(`${exported.code} ${exported.stderr}`).toBe('0 ');
    // Pinned beforehand: the key of the first folder; a folder signed by another would be refused.
    const [first] = tasks();
    const key = join(folder.dir, 'pinned.pem');
    copyFileSync(join(out, first?.id ?? '', 'signer.pem'), key);
    const pinned = { key, trustedRoot: readFileSync(join(out, first?.id ?? '', 'trusted_root.json'), 'utf8') };

    for (const { id, state, tenant } of tasks()) {
      const dir = join(out, id);
      expect(verifyWithSigstore(dir, pinned), id).toBeGreaterThanOrEqual(state === 'landed' ? 6 : 3);
      expect(missingStatements(dir), id).toEqual([]);
      expect(filesAsSigned(dir).card, id).toBe(true);
      expect(await verifyWithOpenssl(dir, pinned), id).toContain('OK');
      if (state === 'landed') {
        expect(filesAsSigned(dir).patch, id).toBe(true);
        expect(await subjectIsInGit(dir, join(data, 'repos', tenant, `${REPOS[tenant]}.git`)), id).toBe(true);
      }
    }
  }, 120_000);

  it('verifies an exported folder by the command line, and refuses an edited one', async () => {
    const [landed] = tasks().filter(({ state }) => state === 'landed');
    const dir = join(folder.dir, 'evidence', landed?.id ?? '');
    expect((await maestro(data, ['evidence', 'verify', dir])).code).toBe(0);

    writeFileSync(join(dir, 'card.md'), '# Landed by somebody else\n');

    const refused = await maestro(data, ['evidence', 'verify', dir, '--json']);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain('CARD_EDITED');
  });

  it('lands exactly the tested tree of every change', async () => {
    const changes = await json<readonly { id: string; repo: string; state: string; landed: string | null }[]>(data, [
      'change',
      'list',
    ]);
    const landed = changes.filter(({ state }) => state === 'landed');

    expect(landed.length).toBe(12);
    for (const { repo, landed: commit } of landed) {
      const gitDir = join(data, 'repos', `${repo}.git`);
      const on = await run('git', ['--git-dir', gitDir, 'merge-base', '--is-ancestor', commit ?? '', 'main']);
      expect(on.code).toBe(0);
    }
  });

  it('lets a person approve what waits, and lands it', async () => {
    const [item] = await json<readonly { change: string }[]>(data, ['change', 'list', '--inbox']);
    const approved = await maestro(data, ['change', 'approve', item?.change ?? '']);
    expect(approved.code).toBe(0);

    await maestro(data, ['worker', '--until-idle']);

    const shown = await json<{ state: string; card: string }>(data, ['change', 'show', item?.change ?? '']);
    expect(shown.state).toBe('landed');
    const [task] = tasks().filter(({ key }) => key === 'weakens-tests');
    const evidence = await json<{ attempt: number; card: string }>(data, ['evidence', 'show', task?.id ?? '']);
    expect(evidence.attempt).toBe(2);
  });

  it('wakes what waited for money after a top-up', async () => {
    await maestro(data, ['budget', 'top-up', '--tenant', 'cumulus', '--usd', '5']);

    await maestro(data, ['worker', '--until-idle']);

    expect(tasks().find(({ key }) => key === 'over-budget')?.state).toBe('landed');
  });

  it('keeps a log that can be computed anew', async () => {
    const audit = await json<{ ok: boolean; size: number }>(data, ['verify-log']);

    expect(audit.ok).toBe(true);
    expect(audit.size).toBeGreaterThan(80);
  });
});
