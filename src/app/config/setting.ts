import { type Millis, millis } from '#kernel/clock.ts';
import { DURATION_UNITS } from '#kernel/duration.ts';
import { type NanoUsd, toUsd, usd } from '#kernel/money.ts';
import { isLabel } from '#qos/index.ts';

/** How a setting's text is read. `parse` gives undefined for what is not allowed; `show` writes what `parse` reads. */
export interface Kind<T> {
  readonly name: string;
  /** Of the value in the program; empty when it has none. */
  readonly unit: string;
  /** What may be written, in words. */
  readonly allowed: string;
  parse(text: string): T | undefined;
  show(value: T): string;
}

/** One row of the settings table; without `default` it may be absent. */
export interface Setting<T> {
  readonly kind: Kind<T>;
  /** A function where the machine decides. */
  readonly default?: T | ((machine: MachineFacts) => T);
  readonly text: string;
  readonly example: string;
  /** Never printed, also not in errors. */
  readonly secret?: true;
}

interface MachineFacts {
  readonly cores: number;
}

export const text: Kind<string> = {
  name: 'text',
  unit: '',
  allowed: 'any text',
  parse: (raw) => (raw === '' ? undefined : raw),
  show: (value) => value,
};

/** An address; a password inside it makes the whole setting a secret. */
export function address(...schemes: readonly string[]): Kind<string> {
  return {
    name: 'address',
    unit: '',
    allowed: schemes.map((scheme) => `${scheme}://...`).join(' or '),
    parse: (raw) => (URL.canParse(raw) && schemes.includes(new URL(raw).protocol.slice(0, -1)) ? raw : undefined),
    show: (value) => value,
  };
}

export function choice<const T extends string>(...options: readonly T[]): Kind<T> {
  return {
    name: 'choice',
    unit: '',
    allowed: options.join(', '),
    parse: (raw) => options.find((option) => option === raw),
    show: (value) => value,
  };
}

/** Written as `a, b` or as a list; an empty text is the empty list. */
export const list: Kind<readonly string[]> = {
  name: 'list',
  unit: '',
  allowed: 'words with commas between',
  parse: (raw) => raw.split(',').flatMap((word) => word.trim() || []),
  show: (value) => value.join(', '),
};

/** A list of `name=value`. */
export const labels: Kind<readonly string[]> = {
  ...list,
  allowed: 'words of the form name=value with commas between',
  parse: (raw) => {
    const words = list.parse(raw);
    return words?.every(isLabel) ? words : undefined;
  },
};

export function number(range: { min: number; max: number; unit?: string }): Kind<number> {
  return {
    name: 'number',
    unit: range.unit ?? '',
    allowed: `${range.min} to ${range.max}`,
    parse: (raw) => inRange(numberIn(raw), range),
    show: String,
  };
}

export function integer(range: { min: number; max: number; unit?: string }): Kind<number> {
  return {
    ...number(range),
    name: 'integer',
    parse: (raw) => (Number.isInteger(numberIn(raw)) ? inRange(numberIn(raw), range) : undefined),
  };
}

/** Dollars as people write them; integer nano-dollars in the program. */
export const dollars: Kind<NanoUsd> = {
  name: 'dollars',
  unit: 'USD',
  allowed: '0 to 1000000',
  parse: (raw) => {
    const amount = inRange(numberIn(raw), { min: 0, max: 1e6 });
    return amount === undefined ? undefined : usd(amount);
  },
  show: (value) => String(toUsd(value)),
};

const BYTES = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** `500ms`, `20s`, `10m`, `1h`, `7d`; milliseconds in the program. */
export const duration: Kind<Millis> = {
  name: 'duration',
  unit: 'ms',
  allowed: 'a number with ms, s, m, h or d',
  parse: (raw) => {
    const value = scaled(raw, DURATION_UNITS);
    return value === undefined ? undefined : millis(value);
  },
  show: (value) => unscaled(value, DURATION_UNITS),
};

/** `64KiB`, `512MiB`, `2GiB`; bytes in the program. */
export const size: Kind<number> = {
  name: 'size',
  unit: 'bytes',
  allowed: 'a number with B, KiB, MiB, GiB or TiB',
  parse: (raw) => scaled(raw, BYTES),
  show: (value) => unscaled(value, BYTES),
};

function numberIn(raw: string): number {
  return raw.trim() === '' ? Number.NaN : Number(raw);
}

function inRange(value: number, { min, max }: { min: number; max: number }): number | undefined {
  return value >= min && value <= max ? value : undefined;
}

/** Always a positive integer of the smallest unit. */
function scaled(raw: string, units: { readonly [unit: string]: number }): number | undefined {
  const [, amount = '', unit = ''] = /^\s*([\d.]+)\s*([a-zA-Z]+)\s*$/.exec(raw) ?? [];
  const value = Math.round(numberIn(amount) * (units[unit] ?? Number.NaN));
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

/** In the largest unit that divides it. */
function unscaled(value: number, units: { readonly [unit: string]: number }): string {
  const [unit, factor] = Object.entries(units).findLast(([, each]) => value % each === 0) ?? ['', 1];
  return `${value / factor}${unit}`;
}

/** How a secret begins that `maestro secret seal` has encrypted. */
export const SEALED = 'sealed:';

export function isSealed(text: string): boolean {
  return text.startsWith(SEALED);
}

/** A setting that always has a value. */
export function set<const T>(row: Setting<T> & { default: NonNullable<Setting<NoInfer<T>>['default']> }): typeof row {
  return row;
}

/** A setting that may be absent. */
export function may<const T>(row: Omit<Setting<T>, 'default'>): typeof row {
  return row;
}
