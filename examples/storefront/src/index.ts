export { addLine, type Cart, subtotal } from './cart.ts';
export { findProduct, hasTag, priceOf } from './catalog.ts';
export { giftDiscount } from './discount.ts';
export { formatCents } from './money.ts';
export { receipt } from './receipt.ts';
export { search } from './search.ts';
export { taxOn } from './tax.ts';
