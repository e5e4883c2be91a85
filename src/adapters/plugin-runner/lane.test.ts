import { fstatSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Lane, writePieces } from './lane.ts';

const MIB = 2 ** 20;

test('what a long input and output took of the shared memory is given back after the call', () => {
  const lane = new Lane();
  const [input, output] = lane.childFds;
  const sizes = (): number[] => [input, output].map((fd) => fstatSync(fd).size);
  const exchange = (length: number): void => {
    lane.writeInput(new Uint8Array(length));
    writePieces(output, new Uint8Array(length), () => undefined);
    lane.readOutput(length);
  };

  exchange(5 * MIB);
  const during = sizes();
  lane.trim();
  const after = sizes();
  exchange(MIB);
  lane.trim();

  expect(during).toEqual([5 * MIB, 5 * MIB]);
  expect(after).toEqual([2 * MIB, 2 * MIB]);
  expect(sizes()).toEqual([2 * MIB, 2 * MIB]);
  lane.close();
});
