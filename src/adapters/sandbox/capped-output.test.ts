import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { capOutput } from './capped-output.ts';

interface Read {
  readonly text: string;
  readonly truncated: boolean;
}

const read = (limit: number, ...chunks: readonly Uint8Array[]): Promise<Read> => readBy('beginning', limit, chunks);

async function readBy(keeps: 'beginning' | 'end', limit: number, chunks: readonly Uint8Array[]): Promise<Read> {
  const stream = new PassThrough();
  const output = capOutput(stream, limit, keeps);
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

  it('keeps the end where that is asked for, whatever the pieces it comes in', async () => {
    const bytes = Buffer.from('aéé日本語 the end');
    for (let limit = 1; limit <= bytes.length + 1; limit++) {
      for (const size of [1, 2, 3, bytes.length]) {
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.subarray(i * size, (i + 1) * size),
        );
        const { text, truncated } = await readBy('end', limit, pieces);

        expect(truncated).toBe(limit < bytes.length);
        expect('aéé日本語 the end'.endsWith(text)).toBe(true);
        expect(limit - Buffer.byteLength(text)).toBeLessThan(limit < bytes.length ? 3 : 2);
      }
    }
  });
});
