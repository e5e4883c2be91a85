import { type Cart, subtotal } from './cart.ts';
import { findProduct, priceOf } from './catalog.ts';
import { giftDiscount } from './discount.ts';
import { formatCents } from './money.ts';
import { taxOn } from './tax.ts';

/** The receipt as lines of text. The word priceOf in this comment and in "priceOf" is not code. */
export function receipt(cart: Cart, country: string): string[] {
  const lines = cart.map(({ sku, quantity }) => {
    const label = findProduct(sku)?.name ?? sku;
    return `${quantity} x ${label} at ${formatCents(priceOf(sku))}`;
  });
  const net = subtotal(cart) - giftDiscount(cart);
  return [...lines, `net ${formatCents(net)}`, `tax ${formatCents(taxOn(net, country))}`];
}
