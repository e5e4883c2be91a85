import { expect, test } from 'vitest';
import { sha256 } from '#kernel/digest.ts';
import { FairBackendError } from './errors.ts';
import { documentedKeys, fuse, stockScripts } from './fuse.ts';
import { FUSIONS, type FusedScript, type Fusion } from './fusions.ts';
import { BULLMQ_VERSION, requireBullmq } from './version.ts';

const OPTIONS = { tenantField: 'tenant', estimateMicros: 1000 };
// The cast is true: these are the keys of the table.
const NAMES = Object.keys(FUSIONS) as FusedScript[];

/** The text as it was before the edits, but for the order of its functions where some are rare. */
function undone(content: string, { edits = [] }: Fusion): string {
  const direct = content.replaceAll('rare().', '');
  return edits.reduceRight((text, [stock, instead]) => text.replace(instead, stock), direct);
}

function linesOf(content = ''): string[] {
  return content.replaceAll(/^local (?=function)/gm, '').split('\n');
}

test.each(NAMES)('the KEYS of %s are those of the installed BullMQ, in its order', (name) => {
  const stock = stockScripts()[name];
  const fused = fuse(stockScripts(), OPTIONS)[name];

  expect(stock && documentedKeys(stock)).toEqual(FUSIONS[name].keys);
  expect(fused?.keys).toBe(stock?.keys);
  const content = undone(fused?.content ?? '', FUSIONS[name]);
  if ('often' in FUSIONS[name]) expect(linesOf(content)).toEqual(expect.arrayContaining(linesOf(stock?.content)));
  else expect(content).toContain(stock?.content);
});

test('the texts that the fusions were written for are those of the installed BullMQ', () => {
  const texts = NAMES.map((name) => `${name}\n${stockScripts()[name]?.content}`).join('\n');

  // Another digest means: read the scripts again before the version and this line are changed.
  expect([BULLMQ_VERSION, sha256(texts).slice(0, 16)]).toEqual(['6.7.0', '2f01c83edf3326dd']);
});

test('scripts that are not fused are left as they are', () => {
  const stock = stockScripts();
  const fused = fuse(stock, OPTIONS);

  for (const name of Object.keys(stock)) {
    if (!(name in FUSIONS)) expect(fused[name]).toBe(stock[name]);
  }
});

test('a script whose text is not the one that was fused is refused', () => {
  const stock = stockScripts();
  const moveToActive = stock['moveToActive']!;
  const content = moveToActive.content.replace('"RPOPLPUSH", waitKey', '"LMOVE", waitKey');

  expect(() => fuse({ ...stock, moveToActive: { ...moveToActive, content } }, OPTIONS)).toThrow(FairBackendError);
});

test('a script with other KEYS is refused', () => {
  const stock = stockScripts();
  const retryJob = { ...stock['retryJob']!, content: '--[[\n KEYS[1] wait\n]]' };

  expect(() => fuse({ ...stock, retryJob }, OPTIONS)).toThrow(FairBackendError);
});

test('another version of bullmq, or none, is refused with the one that is wanted', () => {
  const none = (): string => {
    throw new Error('Cannot find module');
  };

  for (const read of [() => '6.7.1', () => '5.56.0', none]) {
    expect(() => requireBullmq(read)).toThrow(/made for bullmq 6\.7\.0/);
  }
});
