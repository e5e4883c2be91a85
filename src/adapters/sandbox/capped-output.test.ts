import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { capOutput } from './capped-output.ts';

async function read(limit: number, ...chunks: readonly Uint8Array[]): Promise<{ text: string; truncated: boolean }> {
  const stream = new PassThrough();
  const output = capOutput(stream, limit);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await new Promise((resolve) => stream.once('end', resolve));
  return { text: output.text(), truncated: output.truncated };
}

describe('capped output', () => {
  it('keeps all that fits, to the last byte', async () => {
    expect(await read(6, Buffer.from('abc'), Buffer.from('def'))).toEqual({ text: 'abcdef', truncated: false });
  });

  it('keeps the beginning and says that more was dropped', async () => {
    expect(await read(4, Buffer.from('abc'), Buffer.from('def'))).toEqual({ text: 'abcd', truncated: true });
  });

  it('leaves out a letter that the limit cuts in two', async () => {
    expect(await read(4, Buffer.from('aéé'))).toEqual({ text: 'aé', truncated: true });
  });

  it('puts letters together that arrive in two chunks', async () => {
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];

    expect(await read(10, first, second)).toEqual({ text: 'é', truncated: false });
  });
});
