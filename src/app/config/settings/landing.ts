import { choice, integer, list, set } from '../setting.ts';

/** Landing and carrying fixes to release branches. */
export const LANDING_SETTINGS = {
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
