import {
  addIdempotentRequest,
  deleteIdempotentBefore,
  deleteIdempotentRequest,
  setIdempotentAnswer,
} from '#adapters/sql/index.ts';
import { millis } from '#kernel/clock.ts';
import type { House } from '../house.ts';

const KEPT_MS = 24 * 3_600_000;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * Carries out what nobody has asked for under this name in the last day, else gives the answer of then. Never does anything
 * twice: when the first one is under way, died, or had an answer that is not kept, the outcome is `unknown`.
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
  try {
    const { keep, ...answer } = await carryOut();
    if (keep) await truth.tx((tx) => setIdempotentAnswer(tx, name, answer));
    return { answer, replayed: false };
  } catch (error) {
    await truth.tx((tx) => deleteIdempotentRequest(tx, name));
    throw error;
  }
}
