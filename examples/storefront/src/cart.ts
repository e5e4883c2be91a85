import { priceOf } from './catalog.ts';
import type { Cents } from './money.ts';

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

export type Cart = readonly Line[];

export function addLine(cart: Cart, sku: string, quantity = 1): Cart {
  priceOf(sku); // refuses what is not for sale
  const others = cart.filter((line) => line.sku !== sku);
  const had = cart.find((line) => line.sku === sku)?.quantity ?? 0;
  return [...others, { sku, quantity: had + quantity }];
}

export function subtotal(cart: Cart): Cents {
  return cart.reduce((sum, { sku, quantity }) => sum + priceOf(sku) * quantity, 0);
}
