import { choice, integer, list, set } from '../setting.ts';

/** Landing and carrying fixes to release branches. */
export const LANDING_SETTINGS = {
  'train.depth': set({
    kind: integer({ min: 1, max: 100 }),
    default: 8,
    text: 'Landings on one branch that are prepared and tested at the same time, each on top of the one ahead of it; those behind wait. With 1 they are tested one after another.',
    example: '20',
  }),
  'backport.branches': set({
    kind: list,
    default: ['release/*'],
    text: 'Branches that fixes are carried to, as patterns.',
    example: 'release/*, stable-*',
  }),
  'backport.approvers': set({
    kind: integer({ min: 0, max: 10 }),
    default: 1,
    text: 'People who must approve a backport.',
    example: '2',
  }),
  'backport.autoRisk': set({
    kind: choice('none', 'low'),
    default: 'low',
    text: 'Highest risk at which a backport without conflict lands by itself.',
    example: 'none',
  }),
};
