import type { Handlers } from './call.ts';
import { ACCESS } from './handlers/access.ts';
import { FLEET } from './handlers/fleet.ts';
import { GOVERNANCE } from './handlers/governance.ts';
import { OVERRIDES } from './handlers/overrides.ts';
import { PLUGINS } from './handlers/plugins.ts';
import { TENANTS } from './handlers/tenants.ts';
import { WEBHOOKS } from './handlers/webhooks.ts';
import { WORK } from './handlers/work.ts';

/** What is done for each row of the table. */
export const HANDLERS: Handlers = Object.freeze({
  ...ACCESS,
  ...TENANTS,
  ...WORK,
  ...OVERRIDES,
  ...WEBHOOKS,
  ...FLEET,
  ...GOVERNANCE,
  ...PLUGINS,
});
