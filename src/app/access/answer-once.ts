import { addIdempotentRequest, deleteIdempotentBefore, setIdempotentAnswer } from '#adapters/sql/index.ts';
import { millis } from '#kernel/clock.ts';
import type { House } from '../house.ts';

const KEPT_MS = 24 * 3_600_000;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * Carries out what nobody has asked for under this name in the last day, else gives the answer of then. Never does anything
 * twice: when the first one is under way, died, failed, or had an answer that is not kept, the outcome is `unknown`. A fault
 * never gives the name free again: a lost acknowledgement of a commit, or a queue that is away after it, leaves the effect done.
 */
export async function answerOnce(
  house: House,
  name: { readonly principal: string; readonly key: string; readonly tenant: string },
  request: string,
  carryOut: () => Promise<Answer & { readonly keep: boolean }>,
): Promise<{ readonly answer: Answer; readonly replayed: boolean } | 'unknown' | 'other request'> {
  const { truth } = house.store;
  const now = house.clock.now();
  const before = await truth.tx(async (tx) => {
    await deleteIdempotentBefore(tx, millis(now - KEPT_MS));
    return addIdempotentRequest(tx, name, request, now);
  });
  if (before !== undefined) {
    if (before.request !== request) return 'other request';
    return before.answer === undefined ? 'unknown' : { answer: before.answer, replayed: true };
  }
  const { keep, ...answer } = await carryOut();
  if (keep) {
    await truth
      .tx((tx) => setIdempotentAnswer(tx, name, answer))
      .catch((error: unknown) => house.log.log('error', 'an answer was not kept', { error: String(error) }));
  }
  return { answer, replayed: false };
}
