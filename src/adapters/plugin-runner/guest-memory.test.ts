import { expect, test } from 'vitest';
import { GuestMemories } from './guest-memory.ts';

const SIZE = { initial: 2, maximum: 4 };

function filled(memory: WebAssembly.Memory): WebAssembly.Memory {
  new Uint8Array(memory.buffer).fill(7);
  return memory;
}

test('the memory of the last call is kept for the next of the same module, with every byte zero', () => {
  const memories = new GuestMemories();
  const first = filled(memories.take('a', SIZE));
  memories.keep();

  const next = memories.take('a', SIZE);

  expect(next).toBe(first);
  expect(new Uint8Array(next.buffer).every((byte) => byte === 0)).toBe(true);
});

test('another module gets another memory', () => {
  const memories = new GuestMemories();
  const first = memories.take('a', SIZE);
  memories.keep();

  expect(memories.take('b', SIZE)).not.toBe(first);
  expect(memories.take('a', SIZE)).not.toBe(first);
});

test('one that was dropped is gone', () => {
  const memories = new GuestMemories();
  const first = memories.take('a', SIZE);
  memories.drop();

  expect(memories.take('a', SIZE)).not.toBe(first);
});

test('a memory that was made larger is not kept, since the next guest would see its size', () => {
  const memories = new GuestMemories();
  const first = memories.take('a', SIZE);
  first.grow(1);
  memories.keep();

  const next = memories.take('a', SIZE);

  expect(next).not.toBe(first);
  expect(next.buffer.byteLength).toBe(2 * 65_536);
});
