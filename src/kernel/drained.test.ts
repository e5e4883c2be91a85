import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { drained } from './drained.ts';

/** A stream that is full after one byte, and takes no more until `take` is called. */
function narrow(): { readonly stream: Writable; readonly take: () => void } {
  let took: () => void = () => undefined;
  const stream = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => (took = done) });
  return { stream, take: () => took() };
}

const listeners = (stream: Writable) => stream.listenerCount('drain') + stream.listenerCount('close');

test('a full stream is waited for until it takes more, again and again, without listeners that pile up', async () => {
  const { stream, take } = narrow();
  for (let round = 0; round < 3; round++) {
    expect(stream.write('more than one byte')).toBe(false);
    let over = false;
    const waited = drained(stream).then(() => (over = true));
    await Promise.resolve();
    expect(over).toBe(false);

    take();
    await waited;
    expect(listeners(stream)).toBe(0);
  }
});

test('one that is closed while it is full, or was before, is not waited for', async () => {
  const { stream } = narrow();
  expect(stream.write('more than one byte')).toBe(false);
  const waited = drained(stream);

  stream.destroy();

  await waited;
  await drained(stream);
  expect(listeners(stream)).toBe(0);
});
