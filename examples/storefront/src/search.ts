import { findProduct, hasTag, priceOf } from './catalog.ts';

/** The given articles that carry every tag, cheapest first. */
export function search(skus: readonly string[], tags: readonly string[]): string[] {
  return skus
    .filter((sku) => findProduct(sku) !== undefined)
    .filter((sku) => tags.every((tag) => hasTag(sku, tag)))
    .sort((a, b) => priceOf(a) - priceOf(b));
}
