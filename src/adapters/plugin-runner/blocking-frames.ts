import { readSync, writeSync } from 'node:fs';
import { encodeFrame, type Frame, frameReader } from './frames.ts';

/** Waits in the system call for the next frame of a blocking descriptor; null at its end. Only for a thread of its own. */
export function readFrame(fd: number): Frame | null {
  let frame: Frame | null = null;
  const take = frameReader((each) => (frame = each));
  const lengths = new Uint8Array(8);
  if (!fill(fd, lengths)) return null;
  take(lengths);
  const view = new DataView(lengths.buffer);
  const body = new Uint8Array(view.getUint32(0, true) + view.getUint32(4, true));
  if (!fill(fd, body)) return null;
  take(body);
  return frame;
}

export function writeFrame(fd: number, head: Frame['head']): void {
  for (const part of encodeFrame(head)) for (let done = 0; done < part.length;) done += writeSync(fd, part, done);
}

function fill(fd: number, bytes: Uint8Array): boolean {
  for (let done = 0; done < bytes.length;) {
    const count = readSync(fd, bytes, done, bytes.length - done, null);
    if (count === 0) return false;
    done += count;
  }
  return true;
}
