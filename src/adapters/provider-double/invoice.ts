import { appendFileSync, readFileSync } from 'node:fs';

/** Dollars for a million tokens as decimal texts, by model. */
export interface PriceList {
  readonly [model: string]: {
    readonly input: string;
    readonly output: string;
    readonly cacheRead?: string;
    readonly cacheWrite?: string;
  };
}

/** What one call would be billed for; each token stands once. */
export interface Billed {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
}

export type InvoiceLine = Billed & { readonly call: string; readonly model: string; readonly nano: number };

/** The bill that a provider would send: its own arithmetic, in pico-dollars, rounded half to even once for each call. */
export class Invoice {
  readonly #prices: PriceList;
  readonly #file: string | undefined;
  #count = 0;
  #nano = 0n;

  constructor(options: { prices: PriceList; file: string | undefined }) {
    this.#prices = options.prices;
    this.#file = options.file;
  }

  /** Undefined for a model without a price: it is not sold. */
  sells(model: string): boolean {
    return Object.keys(this.#prices).length === 0 || this.#prices[model] !== undefined;
  }

  bill(call: string, model: string, billed: Billed): void {
    const price = this.#prices[model];
    const nano = price === undefined ? 0n : toNano(amountPico(billed, price));
    this.#count++;
    this.#nano += nano;
    const line: InvoiceLine = { call, model, ...billed, nano: Number(nano) };
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
  }

  get total(): { readonly calls: number; readonly nano: number } {
    return { calls: this.#count, nano: Number(this.#nano) };
  }
}

/** Lines of an invoice file. */
export function readInvoice(file: string): readonly InvoiceLine[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  // The cast is true: `bill` is what writes this file.
  return lines.map((line) => JSON.parse(line) as InvoiceLine);
}

function amountPico(billed: Billed, price: PriceList[string]): bigint {
  const read = price.cacheRead ?? price.input;
  const write = price.cacheWrite ?? price.input;
  return (
    BigInt(billed.input) * picoPerToken(price.input) +
    BigInt(billed.cacheRead) * picoPerToken(read) +
    BigInt(billed.cacheWrite) * picoPerToken(write) +
    BigInt(billed.output) * picoPerToken(price.output)
  );
}

/** A dollar for a million tokens is a million pico-dollars for one. */
function picoPerToken(dollars: string): bigint {
  const [whole = '0', part = ''] = dollars.split('.');
  return BigInt(whole) * 1_000_000n + BigInt(part.padEnd(6, '0').slice(0, 6) || '0');
}

function toNano(pico: bigint): bigint {
  const nano = pico / 1000n;
  const rest = pico % 1000n;
  if (rest > 500n || (rest === 500n && nano % 2n === 1n)) return nano + 1n;
  return nano;
}
