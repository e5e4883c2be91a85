import { decide, recordDecision, Refusal, type Request } from '../perform.ts';
import type { House } from '../house.ts';

/** Asks whether something may be seen. A yes changes nothing and leaves no row; a no is put on record, then thrown as `Refusal`. */
export async function look(house: House, request: Request): Promise<void> {
  const decision = await decide(house, request);
  if (decision.allow) return;
  await house.store.truth.tx((tx) => recordDecision(tx, house, request, decision));
  throw new Refusal(request, decision);
}
