import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueKey } from '#app/gateway/keys.ts';
import { person } from '#app/governance/principals.ts';
import { millis } from '#kernel/clock.ts';
import type { RepoId } from '#domain/ids.ts';
import { API_BASE, type Route, ROUTES } from '#api/index.ts';
import { run } from '../e2e/maestro.ts';
import { openPlace, type Place, type Team } from './place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace({ MAESTRO_HTTP_REQUESTS_PER_MINUTE: '1000000' });
});
afterAll(() => place[Symbol.asyncDispose]());

/** What only the other tenant knows. */
function secrets({ task, change, decision, override, keyIds }: Team): readonly string[] {
  return [task.key, task.id, change.id, decision, override, 'greet_umbra', 'Rename in umbra', keyIds.operator];
}

const ask = (path: string, key: string) =>
  fetch(`${place.url}${API_BASE}${path}`, { headers: { authorization: `Bearer ${key}` } });

const READS = Object.entries<Route>(ROUTES).filter(
  ([, { method, answers }]) => method === 'GET' && answers !== 'events',
);

describe('a tenant admin', () => {
  it.each(READS)('reads nothing of another tenant by %s, under its own name or with its ids', async (_name, route) => {
    const { acme, umbra } = place;
    const ids = { task: umbra.task.id, change: umbra.change.id, decision: umbra.decision, override: umbra.override };
    const paths = [acme.tenant.id, umbra.tenant.id, '*', 'acme%2F..%2Fumbra'].map((tenant) =>
      route.path.replace(/\{(\w+)\}/g, (_all, part: string) =>
        part === 'tenant' ? tenant : part === 'code' ? 'TASK_STATE' : (ids[part as keyof typeof ids] ?? 'x'),
      ),
    );

    for (const path of paths) {
      const answer = await ask(path, acme.keys['tenant-admin']);
      const text = await answer.text();
      // What the request itself named may be told back.
      const told = secrets(umbra).filter((secret) => text.includes(secret) && !path.includes(secret));
      expect({ path, told }).toEqual({ path, told: [] });
      const foreign =
        route.path.includes('{tenant}') && Object.keys(ids).some((part) => route.path.includes(`{${part}}`));
      if (foreign) expect({ path, status: answer.status }).toEqual({ path, status: 404 });
    }
  });

  it.each(['/tenants/acme/tasks', '/tenants/acme/decisions', '/tenants/acme/changes'])(
    'finds no way into another tenant by a cursor of %s',
    async (path) => {
      for (const cursor of [place.umbra.task.id, place.umbra.decision, place.umbra.change.id, '*', "' or '1'='1"]) {
        const text = await (await ask(`${path}?cursor=${encodeURIComponent(cursor)}`, place.acme.keys.viewer)).text();
        const told = secrets(place.umbra).filter((secret) => secret !== cursor && text.includes(secret));
        expect(told).toEqual([]);
      }
    },
  );

  it('changes nothing of another tenant by ids under its own name', async () => {
    const by = person('umbra-operator');
    const asked = { models: [], capNano: null, priority: 'lo', expiresAt: millis(Date.now() + 60_000) } as const;
    const { key: modelKey } = await issueKey(place.house, place.umbra.tenant, asked, by);
    const ask = (method: string, path: string) =>
      fetch(`${place.url}${API_BASE}/tenants/acme${path}`, {
        method,
        headers: { authorization: `Bearer ${place.acme.keys['tenant-admin']}` },
      });
    const { task, change, override, keyIds } = place.umbra;

    const paths = [
      `/tasks/${task.id}/cancel`,
      `/changes/${change.id}/approve`,
      `/changes/${change.id}/reject`,
      `/overrides/${override}/approve`,
      `/keys/${keyIds.viewer}/rotate`,
    ];
    for (const path of paths) expect({ path, status: (await ask('POST', path)).status }).toEqual({ path, status: 404 });
    for (const path of [`/model-keys/${modelKey.id}`, `/keys/${keyIds.viewer}`]) {
      expect({ path, status: (await ask('DELETE', path)).status }).toEqual({ path, status: 404 });
    }
    for (const path of ['erase', 'stop', 'resume']) {
      const answer = await fetch(`${place.url}${API_BASE}/tenants/umbra/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${place.acme.keys['tenant-admin']}`, 'content-type': 'application/json' },
        body: path === 'erase' ? JSON.stringify({ confirm: 'umbra' }) : null,
      });
      expect({ path, status: answer.status }).toEqual({ path, status: 404 });
    }
  });

  it('streams nothing of another tenant', async () => {
    for (const tenant of ['umbra', '*', 'nobody']) {
      const answer = await ask(`/tenants/${tenant}/events/stream`, place.acme.keys['tenant-admin']);
      expect(answer.status).toBe(404);
    }
  });

  it('clones its own repository by its key, another tenant’s not, whether it is there or not', async () => {
    const clone = async (repo: string, key: string) => {
      const address = place.url.replace('http://', `http://any:${key}@`);
      const to = join(tmpdir(), `maestro-clone-${Math.random().toString(36).slice(2)}`);
      const { code, stderr } = await run('git', ['clone', '-q', `${address}/git/${repo}.git`, to], {
        env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
      });
      await run('rm', ['-rf', to]);
      return { ok: code === 0, why: stderr.replaceAll(/umbra|nobody|none|greeting|any:[^@]*@/g, '_') };
    };
    const { viewer } = place.acme.keys;

    expect((await clone('acme/greeting', viewer)).ok).toBe(true);
    const there = await clone('umbra/greeting', viewer);
    expect(there.ok).toBe(false);
    expect(await clone('nobody/greeting', viewer)).toEqual(there);
    expect(await clone('umbra/none', viewer)).toEqual(there);
    expect((await clone('acme/greeting', `${viewer}x`)).ok).toBe(false);
  });

  it('leads the server nowhere by the address of a repository, and leaves no password of it on record', async () => {
    const knocked: string[] = [];
    const inside = createServer((request, response) => {
      knocked.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((listening) => inside.listen(0, '127.0.0.1', listening));
    const { port } = inside.address() as AddressInfo;
    const add = async (origin: string) => {
      const answer = await fetch(`${place.url}${API_BASE}/tenants/acme/repos`, {
        method: 'POST',
        headers: { authorization: `Bearer ${place.acme.keys['tenant-admin']}`, 'content-type': 'application/json' },
        body: JSON.stringify({ origin, name: 'taken' }),
      });
      const { reasons = [] } = (await answer.json()) as { reasons?: readonly { code: string }[] };
      return [answer.status, reasons.map(({ code }) => code).join()];
    };
    const umbra = place.house.repoDir('umbra/greeting' as RepoId);

    const answers = {
      service: await add(`https://ada:hunter2@localhost:${port}/x.git`),
      metadata: await add('https://169.254.169.254/latest/meta-data'),
      network: await add('ssh://git@10.0.0.1/x.git'),
      scp: await add('git@192.168.0.1:x.git'),
      folder: await add(umbra),
      file: await add(`file://${umbra}`),
      helper: await add('ext::sh -c id'),
    };

    inside.close();
    const privately = [403, 'ORIGIN_NOT_PUBLIC'];
    const locally = [403, 'ORIGIN_NOT_REMOTE'];
    expect(answers).toEqual({
      ...{ service: privately, metadata: privately, network: privately, scp: privately },
      ...{ folder: locally, file: locally, helper: locally },
    });
    expect(knocked).toEqual([]);
    const { truth } = place.house.store;
    const record = JSON.stringify([
      await truth.all('select * from event'),
      await truth.all('select * from policy_decision'),
    ]);
    expect(record).toContain(`https://localhost:${port}/x.git`);
    expect(record).not.toContain('hunter2');
  });
});
