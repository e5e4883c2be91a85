import type { MergeResolver } from '#train/index.ts';

/** Leaves every conflict to a person. */
export const noResolver: MergeResolver = {
  resolve: ({ ours }) =>
    Promise.resolve({ status: 'conflict', text: ours, tier: 'leave', confidence: 0, rule: 'none', reasons: [] }),
};
