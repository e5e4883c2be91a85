import { findAnswer, putAnswer } from '#adapters/sql/index.ts';
import type { AnswerCache } from '#gateway/index.ts';
import type { House } from '../house.ts';

/** Kept answers in SQL, each under its tenant. */
export function answerCache({ store, clock }: Pick<House, 'store' | 'clock'>): AnswerCache {
  return {
    find: (tenant, key, now) => findAnswer(store.queue, tenant, key, now),
    keep: (tenant, key, answer) => store.queue.tx((tx) => putAnswer(tx, tenant, key, answer, clock.now())),
  };
}
