import { createServer, type RequestListener, type Server } from 'node:http';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { opaServer } from '#adapters/opa-server/index.ts';
import { buildBundle } from '#adapters/opa-wasm/index.ts';
import { SHIPPED_POLICIES } from '#app/governance/policy-engine.ts';
import type { PolicyDecision, PolicyInput } from '#domain/policy-decision.ts';
import { outsideEngine } from '#policy/index.ts';
import { opaBinary, startOpa } from '../engines/opa.ts';
import { VECTORS } from './vectors.ts';

const shipped = join(SHIPPED_POLICIES, 'build', 'bundle.tar.gz');
const binary = await opaBinary();
const allowed = VECTORS.find(({ name }) => name.startsWith('task.submit is allowed'))?.input as PolicyInput;
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function ask(url: string, timeoutMs = 5_000, signal?: AbortSignal): Promise<Omit<PolicyDecision, 'id'>> {
  return outsideEngine(opaServer({ url, timeoutMs })).decide(allowed, signal);
}

const codes = ({ allow, reasons }: Omit<PolicyDecision, 'id'>): readonly unknown[] => [
  allow,
  ...reasons.map(({ code }) => code),
];

/** Something that listens where an OPA server should. */
async function listening(handler: RequestListener): Promise<string> {
  const server: Server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

const answering = (status: number, body: string): Promise<string> =>
  listening((_, response) => response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body));

const decision = (parts: object): string =>
  JSON.stringify({
    result: { allow: true, reasons: [], obligations: [] },
    provenance: { bundles: { b: { revision: 'r1' } } },
    ...parts,
  });

describe('a server that is not what it should be', () => {
  it('is believed only as a whole: this answer is allowed, the next ones differ in one thing', async () => {
    expect(codes(await ask(await answering(200, decision({}))))).toEqual([true]);
  });

  it.each([
    ['no result', 200, decision({ result: undefined }), 'POLICY_ANSWER_MALFORMED'],
    ['a bare yes', 200, decision({ result: true }), 'POLICY_ANSWER_MALFORMED'],
    ['no revision', 200, decision({ provenance: {} }), 'POLICY_REVISION_UNKNOWN'],
    [
      'an empty revision',
      200,
      decision({ provenance: { bundles: { b: { revision: '' } } } }),
      'POLICY_REVISION_UNKNOWN',
    ],
    ['a page', 200, '<html>sign in</html>', 'POLICY_ENGINE_GARBLED'],
    ['a list', 200, '[]', 'POLICY_ENGINE_GARBLED'],
    ['half an answer', 200, decision({}).slice(0, -5), 'POLICY_ENGINE_GARBLED'],
    ['nothing', 200, '', 'POLICY_ENGINE_GARBLED'],
    ['an allowing answer with 500', 500, decision({}), 'POLICY_ENGINE_REFUSED'],
    ['503', 503, 'overloaded', 'POLICY_ENGINE_REFUSED'],
    ['404', 404, '', 'POLICY_ENGINE_REFUSED'],
    ['204', 204, '', 'POLICY_ENGINE_REFUSED'],
    ['a redirect', 307, '', 'POLICY_ENGINE_UNREACHABLE'],
  ])('denies on %s', async (_, status, body, code) => {
    const said = await ask(await answering(status, body));

    expect(codes(said)).toEqual([false, code]);
    expect(said.reasons[0]?.fix).not.toBe('');
    expect(said.engine).toBe('opa-server');
  });

  it('denies when it is silent for longer than it may be', async () => {
    const url = await listening(() => undefined);

    expect(codes(await ask(url, 150))).toEqual([false, 'POLICY_ENGINE_SLOW']);
  });

  it('denies when it begins to answer and then stops', async () => {
    const url = await listening((_, response) => void response.writeHead(200).write('{"result":'));

    expect(codes(await ask(url, 150))).toEqual([false, 'POLICY_ENGINE_SLOW']);
  });

  it('denies when it hangs up', async () => {
    const url = await listening((request) => request.socket.destroy());

    expect(codes(await ask(url))).toEqual([false, 'POLICY_ENGINE_UNREACHABLE']);
  });

  it('denies when nobody listens there', async () => {
    expect(codes(await ask('http://127.0.0.1:1'))).toEqual([false, 'POLICY_ENGINE_UNREACHABLE']);
  });

  it('denies when the asking itself is stopped', async () => {
    const url = await listening(() => undefined);

    expect(codes(await ask(url, 5_000, AbortSignal.timeout(50)))).toEqual([false, 'POLICY_ENGINE_UNREACHABLE']);
  });
});

describe.skipIf(binary === undefined)('a real server', () => {
  it('denies once it is killed, and decides again once it is back', async () => {
    const first = await startOpa(binary ?? '', ['--bundle', shipped]);
    ends.push(() => first.stop());
    const engine = outsideEngine(opaServer({ url: first.url, timeoutMs: 5_000 }));
    expect(codes(await engine.decide(allowed))).toEqual([true]);

    await first.kill();
    expect(codes(await engine.decide(allowed))).toEqual([false, 'POLICY_ENGINE_UNREACHABLE']);

    const back = await startOpa(binary ?? '', ['--bundle', shipped, '--addr', first.url.slice('http://'.length)]);
    ends.push(() => back.stop());
    expect(codes(await engine.decide(allowed))).toEqual([true]);
  });

  it('gives each decision an id of its own', async () => {
    const server = await startOpa(binary ?? '', ['--bundle', shipped]);
    ends.push(() => server.stop());

    const [a, b] = [await ask(server.url), await ask(server.url)];

    expect(a.engineDecision).toMatch(/^[0-9a-f-]{36}$/);
    expect(b.engineDecision).not.toBe(a.engineDecision);
  });

  it('denies when it has loose rules without a revision', async () => {
    const server = await startOpa(binary ?? '', [join(SHIPPED_POLICIES, 'maestro')]);
    ends.push(() => server.stop());

    expect(codes(await ask(server.url))).toEqual([false, 'POLICY_REVISION_UNKNOWN']);
  });

  it("takes a changed bundle while it runs, and decides by the company's own rules from then on", async () => {
    const dir = mkdtempSync(join(tmpdir(), 'maestro-opa-'));
    ends.push(() => rmSync(dir, { recursive: true, force: true }));
    let served = readFileSync(shipped);
    const bundles = await listening((_, response) =>
      response.writeHead(200, { etag: `"${served.length}"` }).end(served),
    );
    const polling = { min_delay_seconds: 1, max_delay_seconds: 1 };
    writeFileSync(
      join(dir, 'config.json'),
      JSON.stringify({
        services: { s: { url: bundles } },
        bundles: { maestro: { service: 's', resource: 'b', polling } },
      }),
    );
    const server = await startOpa(binary ?? '', ['--config-file', join(dir, 'config.json')]);
    ends.push(() => server.stop());
    const before = await ask(server.url);
    expect(codes(before)).toEqual([true]);

    mkdirSync(join(dir, 'own'));
    cpSync(join(import.meta.dirname, 'fixtures', 'freeze.rego'), join(dir, 'own', 'freeze.rego'));
    const request = {
      opa: binary ?? '',
      rules: join(SHIPPED_POLICIES, 'maestro'),
      own: join(dir, 'own'),
      out: join(dir, 'out'),
    };
    const built = await buildBundle(request);
    served = readFileSync(join(dir, 'out', 'bundle.tar.gz'));

    let after = await ask(server.url);
    for (let i = 0; i < 100 && after.policyDigest === before.policyDigest; i++) {
      await delay(100);
      after = await ask(server.url);
    }
    expect(codes(after)).toEqual([false, 'FREEZE']);
    expect(after.policyDigest).toBe(built.revision);
  });
});
