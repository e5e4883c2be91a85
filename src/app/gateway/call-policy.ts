import { findTenant } from '#adapters/sql/index.ts';
import type { CallAnswer, CallPolicy, CallQuestion } from '#gateway/index.ts';
import type { Principal } from '#domain/action.ts';
import type { House } from '../house.ts';
import { AppError } from '../fault.ts';
import { decide, recordDecision, type Request } from '../perform.ts';
import { Remembered } from './remembered.ts';

/** So long a yes stands for further calls with the same key at the same place; each call names the decision. */
const STANDS_MS = 5000;

/** Asks policy about `model.call`: tenant, region, data class and model of each place that a key may reach. */
export class HouseCallPolicy implements CallPolicy {
  readonly #house: House;
  readonly #standing: Remembered<CallAnswer>;

  constructor(house: House) {
    this.#house = house;
    this.#standing = new Remembered({ clock: house.clock, keepMs: STANDS_MS });
  }

  async ask(question: CallQuestion): Promise<CallAnswer> {
    const name = `${question.key.id} ${question.provider.name}/${question.model} ${question.asked}`;
    const standing = this.#standing.get(name);
    if (standing !== undefined) return standing;
    const now = this.#house.clock.now();
    const answer = await this.#decide(question);
    if (answer.allow) this.#standing.set(name, answer, now);
    return answer;
  }

  /** Forgets what stands no more. */
  sweep(): void {
    this.#standing.sweep();
  }

  async #decide({ key, asked, provider, model }: CallQuestion): Promise<CallAnswer> {
    const tenant = await findTenant(this.#house.store.truth, key.tenant);
    if (tenant === undefined) throw new AppError('NO_SUCH_TENANT', `there is no tenant "${key.tenant}"`);
    const request: Request = {
      name: 'model.call',
      principal: principalOf(key),
      tenant,
      resource: {
        kind: 'model',
        id: `${provider.name}/${model}`,
        region: provider.region,
        dataClass: provider.dataClass,
        // The provider's own name decides: an alias of the gateway file is no way around a list.
        attributes: { model, asked, provider: provider.name, key: key.id },
      },
      ...(key.task === undefined ? {} : { task: key.task }),
      ...(key.run === undefined ? {} : { run: key.run }),
    };
    const made = await decide(this.#house, request);
    const decision = await this.#house.store.truth.tx((tx) => recordDecision(tx, this.#house, request, made));
    return decision.allow ? { allow: true, decision: decision.id } : { allow: false, reasons: decision.reasons };
  }
}

function principalOf({ principal, delegatedBy, grants }: CallQuestion['key']): Principal {
  if (delegatedBy !== undefined) return { id: principal, kind: 'agent', delegatedBy, grants };
  return { id: principal, kind: principal.startsWith('human:') ? 'human' : 'service', grants };
}
