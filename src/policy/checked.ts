import type { ActionName } from '#domain/action.ts';
import type { Event, EventType } from '#domain/event.ts';

/** Events that tell of the effect of an action, each with the actions one of which must have been allowed before. */
const EFFECTS: { readonly [type in EventType]?: readonly ActionName[] } = Object.freeze({
  'tenant.created': ['tenant.create'],
  'tenant.updated': ['tenant.update', 'tenant.rules'],
  'budget.topped_up': ['budget.topup'],
  'repo.added': ['repo.add'],
  'task.admitted': ['task.submit', 'task.retry', 'change.approve'],
  'task.cancelled': ['task.cancel'],
  'task.retried': ['task.retry'],
  'change.opened': ['change.propose'],
  'change.approved': ['change.approve'],
  'change.rejected': ['change.reject'],
  'change.commented': ['change.comment'],
  'change.landed': ['change.land'],
  'plugin.called': ['plugin.load'],
  'override.requested': ['override.request'],
  'override.approved': ['override.approve'],
  'override.revoked': ['override.revoke'],
  'config.applied': ['config.apply'],
  'budget.set': ['budget.topup'],
  'tenant.stopped': ['tenant.stop'],
  'tenant.resumed': ['tenant.resume'],
  'principal.changed': ['principal.set'],
  'principal.disabled': ['principal.disable'],
  'key.created': ['key.create'],
  'key.revoked': ['key.revoke'],
  'webhook.added': ['webhook.add'],
  'webhook.removed': ['webhook.remove'],
  'audit.pruned': ['audit.prune'],
});

export interface PolicyChecked {
  readonly effects: number;
  readonly checked: number;
  /** `checked / effects`; null while there is none. */
  readonly ratio: number | null;
  /** Numbers and types of the events that no decision came before, the first hundred. */
  readonly unchecked: readonly { readonly seq: number; readonly type: EventType }[];
}

const SHOWN = 100;

/**
 * The share of effects that an allowing decision came before, from the events alone, in their order. A decision about a
 * task counts for that task from then on; one about a tenant counts for one effect.
 */
export class CheckedCount {
  #effects = 0;
  #checked = 0;
  readonly #unchecked: { readonly seq: number; readonly type: EventType }[] = [];
  readonly #allowed = new Map<string, number>();
  readonly #whole: boolean;
  readonly #begun = new Set<string>();

  /** `whole`: the record has its beginning. Else effects of tasks that were submitted before it begins are left out. */
  constructor(whole = true) {
    this.#whole = whole;
  }

  note(event: Event): void {
    const { seq, type, tenant, task, data } = event;
    if (type === 'policy.decided' && data['allow'] === true) {
      const action = data['action'];
      const key = keyOf(tenant, task, typeof action === 'string' ? action : '');
      this.#allowed.set(key, (this.#allowed.get(key) ?? 0) + 1);
    }
    if (type === 'task.submitted' && task !== undefined) this.#begun.add(task);
    const actions = EFFECTS[type];
    if (actions === undefined || (!this.#whole && task !== undefined && !this.#begun.has(task))) return;
    this.#effects++;
    if (actions.some((action) => this.#takes(keyOf(tenant, task, action), task !== undefined))) this.#checked++;
    else if (this.#unchecked.length < SHOWN) this.#unchecked.push({ seq, type });
  }

  result(): PolicyChecked {
    const [effects, checked] = [this.#effects, this.#checked];
    return { effects, checked, ratio: effects === 0 ? null : checked / effects, unchecked: this.#unchecked };
  }

  #takes(key: string, again: boolean): boolean {
    const left = this.#allowed.get(key) ?? 0;
    if (left > 0 && !again) this.#allowed.set(key, left - 1);
    return left > 0;
  }
}

function keyOf(tenant: string, task: string | undefined, action: string): string {
  return `${tenant} ${task ?? ''} ${action}`;
}
