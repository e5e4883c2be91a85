import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { millis } from '#kernel/clock.ts';
import { PriceBook } from './price-book.ts';
import { readSignedSheet, signSheet } from './signed.ts';

const ed25519 = pemOf(generateKeyPairSync('ed25519'));
const ecdsa = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const SHEET = { prices: { openai: { 'gpt-4o-mini': { input: 7, output: 9 } } }, validUntil: '2027-01-01T00:00:00Z' };
const END = Date.parse(SHEET.validUntil);

function pemOf({ privateKey, publicKey }: KeyPairKeyObjectResult) {
  return {
    privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicKey: String(publicKey.export({ type: 'spki', format: 'pem' })),
  };
}

interface Envelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly sig: string }[];
}
// The cast is true: signSheet makes envelopes.
const signed = (key = ed25519): Envelope => signSheet('prices.yaml', SHEET, key.privateKey) as Envelope;
const read = (content: unknown, key = ed25519) => readSignedSheet('sheet.json', content, key.publicKey);
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

describe('a signed price sheet', () => {
  it.each([
    ['Ed25519', ed25519],
    ['ECDSA', ecdsa],
  ])('signed with %s wins over the public prices', (_, key) => {
    const book = new PriceBook([read(signed(key), key)]);

    expect(book.price('openai', 'gpt-4o-mini', millis(END))?.rates.input.nanoPerMtok).toBe(7e9);
    expect(book.price('openai', 'gpt-4o', millis(END))).toBeDefined();
  });

  it.each([
    ['whose prices were edited', { ...signed(), payload: encoded({ prices: { openai: {} } }) }],
    ['signed by another key', signed(pemOf(generateKeyPairSync('ed25519')))],
    ['without a signature', { ...signed(), signatures: [] }],
    ['that is a plain price file', SHEET],
    ['of another type', { ...signed(), payloadType: 'application/json' }],
  ])('%s is refused', (_, content) => {
    expect(() => read(content)).toThrow(expect.objectContaining({ code: 'PRICES_UNSIGNED' }));
  });

  it('is good until the moment it says, and then refuses every call, known price or not', () => {
    const book = new PriceBook([read(signed())]);
    const expired = expect.objectContaining({ code: 'PRICES_EXPIRED' });

    expect(() => book.check(millis(END))).not.toThrow();
    expect(() => book.check(millis(END + 1))).toThrow(expired);
    expect(() => book.price('openai', 'gpt-4o-mini', millis(END + 60_000))).toThrow(expired);
    expect(() => book.price('openai', 'gpt-4o', millis(END + 60_000))).toThrow(expired);
  });

  it('with prices that nobody can read is not signed', () => {
    const wrong = { prices: { openai: { 'gpt-4o-mini': { input: -1, output: 9 } } } };

    expect(() => signSheet('prices.yaml', wrong, ed25519.privateKey)).toThrow(/prices.openai.gpt-4o-mini.input/);
  });
});
