import { digestOf, sha256 } from '#kernel/digest.ts';
import { canonicalJson } from '#kernel/canonical-json.ts';
import type { Event } from '#domain/event.ts';
import type { AuditLink } from '../ports.ts';

/** What the first link follows: no hash has this value. */
export const GENESIS = '0'.repeat(64);

/** The commitment to an event's data. */
export function contentOf(event: Pick<Event, 'data'>, salt: string): string {
  return sha256(`${salt}\n${canonicalJson(event.data)}`);
}

/** The hash of a link: it holds every fact of the event and all that came before it. */
export function hashOf(previous: string, event: Event, content: string): string {
  const { seq, type, version, at, tenant, task = null, run = null, by } = event;
  return digestOf({ previous, seq, type, version, at, tenant, task, run, by, content });
}

export function linkAfter(previous: string, event: Event, salt: string): AuditLink {
  const content = contentOf(event, salt);
  return { seq: event.seq, content, salt, hash: hashOf(previous, event, content) };
}
