import { expect, test } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import { encodeFrame, type Frame, frameReader, SIGNAL } from './frames.ts';

test('frames come out as they went in, however the stream is cut', () => {
  const random = seededRandom(3);
  const sent = Array.from({ length: 50 }, (_, i) => ({
    head: { type: 'x', i },
    bytes: random.bytes(random.integer(200)),
  }));
  const stream = Buffer.concat(sent.flatMap(({ head, bytes }) => encodeFrame(head, bytes)));
  const got: Frame[] = [];
  const read = frameReader((frame) => got.push(frame));

  for (let at = 0; at < stream.length;) {
    const size = 1 + random.integer(70);
    read(stream.subarray(at, at + size));
    at += size;
  }

  expect(got.map(({ head, bytes }) => ({ head, bytes: new Uint8Array(bytes) }))).toEqual(sent);
});

test('a signal is a frame with nothing in it', () => {
  const got: Frame[] = [];

  frameReader((frame) => got.push(frame))(SIGNAL);

  expect(got.map(({ head, bytes }) => ({ head, size: bytes.length }))).toEqual([{ head: {}, size: 0 }]);
});

test('impossible lengths are refused before anything is allocated', () => {
  const read = frameReader(() => undefined);

  expect(() => read(Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]))).toThrow('too long');
});
