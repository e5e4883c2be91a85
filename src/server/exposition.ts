/** One number with the labels that tell it from others of its name. */
export interface Sample {
  readonly labels: { readonly [label: string]: string };
  readonly value: number;
}

/** A number that goes up and down, in all its labels. `help` says what it is, with its unit. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Prometheus' text format 0.0.4. A gauge without samples is left out: what is not known is not zero. */
export function exposition(gauges: readonly Gauge[]): string {
  const lines = gauges.flatMap(({ name, help, samples }) =>
    samples.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...samples.map(lineOf(name))],
  );
  return `${lines.join('\n')}\n`;
}

function lineOf(name: string): (sample: Sample) => string {
  return ({ labels, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numeral(value)}`;
  };
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numeral(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
