import type { Cart } from './cart.ts';
import { hasTag, priceOf } from './catalog.ts';
import { type Cents, percentOf } from './money.ts';

/** A tenth off each gift, and the cheapest of three gifts free. */
export function giftDiscount(cart: Cart): Cents {
  const gifts = cart.flatMap(({ sku, quantity }) => (hasTag(sku, 'gift') ? Array<string>(quantity).fill(sku) : []));
  const tenth = gifts.reduce((sum, sku) => sum + percentOf(priceOf(sku), 10), 0);
  const free = gifts.length >= 3 ? Math.min(...gifts.map((sku) => priceOf(sku))) : 0;
  return tenth + free;
}
