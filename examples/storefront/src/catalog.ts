import type { Cents } from './money.ts';

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly price: Cents;
  readonly tags: readonly string[];
}

const PRODUCTS: readonly Product[] = [
  { sku: 'mug', name: 'Enamel mug', price: 1250, tags: ['kitchen', 'gift'] },
  { sku: 'pen', name: 'Fountain pen', price: 4900, tags: ['office', 'gift'] },
  { sku: 'map', name: 'Star map', price: 2400, tags: ['wall'] },
];

export function findProduct(sku: string): Product | undefined {
  return PRODUCTS.find((product) => product.sku === sku);
}

export function priceOf(sku: string): Cents {
  const product = findProduct(sku);
  if (product === undefined) throw new RangeError(`no product ${sku}`);
  return product.price;
}

export function hasTag(sku: string, tag: string): boolean {
  const product = findProduct(sku);
  return product !== undefined && product.tags.indexOf(tag) !== -1;
}
