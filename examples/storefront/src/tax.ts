import { type Cents, percentOf } from './money.ts';

const RATES: Readonly<Record<string, number>> = { DE: 19, FR: 20, LU: 17 };

export function taxOn(net: Cents, country: string): Cents {
  const rate = RATES[country];
  if (rate === undefined) throw new RangeError(`no tax rate for ${country}`);
  return percentOf(net, rate);
}
