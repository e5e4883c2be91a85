import { z } from 'zod';
import { digestOf } from '#kernel/digest.ts';
import type { PolicyAnswer, PolicySource } from '#policy/ports.ts';
import { OpaServerError } from './errors.ts';

/** What every bundle answers; `provenance` tells which bundles the server has loaded by now. */
const PATH = 'v1/data/maestro/decision/answer?provenance=true';

const schema = z.object({
  result: z.unknown().optional(),
  decision_id: z.string().min(1).optional(),
  provenance: z.object({ bundles: z.record(z.string(), z.object({ revision: z.string() })).optional() }).optional(),
});

/**
 * An OPA server by its REST API. The server logs decisions and reloads bundles by itself; each answer names the revision
 * that gave it, so a reload shows in the next decision. `timeoutMs` is for one decision, connecting included.
 */
export function opaServer(options: { readonly url: string; readonly timeoutMs: number }): PolicySource {
  const url = new URL(PATH, options.url.endsWith('/') ? options.url : `${options.url}/`);
  return {
    name: 'opa-server',
    policyDigest: '',
    ask: async (input, signal) => answerOf(await said(url, JSON.stringify({ input }), options.timeoutMs, signal)),
  };
}

async function said(url: URL, body: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<unknown> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error', // another address might be another policy
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const text = await response.text();
    if (response.status !== 200) throw refused(url, response.status, text);
    return parsed(url, text);
  } catch (cause) {
    if (cause instanceof OpaServerError) throw cause;
    if (timeout.aborted) {
      const message = `no answer from ${url.origin} within ${timeoutMs} ms`;
      throw new OpaServerError('POLICY_ENGINE_SLOW', message, { timeoutMs }, cause);
    }
    const why = signal?.aborted === true ? 'asking was stopped' : reasonOf(cause);
    throw new OpaServerError('POLICY_ENGINE_UNREACHABLE', `no answer from ${url.origin}: ${why}`, {}, cause);
  }
}

function refused(url: URL, status: number, text: string): OpaServerError {
  return new OpaServerError('POLICY_ENGINE_REFUSED', `${url.origin} answered ${status}: ${text.slice(0, 200)}`, {
    status,
  });
}

function parsed(url: URL, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OpaServerError('POLICY_ENGINE_GARBLED', `${url.origin} did not answer in JSON`, {}, cause);
  }
}

function answerOf(document: unknown): PolicyAnswer {
  const read = schema.safeParse(document);
  if (!read.success) throw new OpaServerError('POLICY_ENGINE_GARBLED', 'the answer is not one of Open Policy Agent');
  const { result, decision_id: engineDecision, provenance } = read.data;
  return {
    answer: result,
    policyDigest: revisionOf(provenance?.bundles ?? {}),
    ...(engineDecision === undefined ? {} : { engineDecision }),
  };
}

/** The revision of the one bundle; of several, a digest over their names and revisions. */
function revisionOf(bundles: { readonly [name: string]: { readonly revision: string } }): string {
  const revisions = Object.values(bundles).map(({ revision }) => revision);
  const [only] = revisions;
  if (only === undefined || revisions.includes('')) {
    throw new OpaServerError(
      'POLICY_REVISION_UNKNOWN',
      'the server does not say which revision of the policies it has',
    );
  }
  return revisions.length === 1 ? only : digestOf(bundles);
}

/** `fetch` hides the reason one level down. */
function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return inner instanceof Error ? inner.message || inner.name : String(inner);
}
