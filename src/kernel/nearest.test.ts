import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

it('finds the word that was meant', () => {
  expect(nearest('sandbox.mdoe', ['sandbox.mode', 'sandbox.wall', 'workers'])).toBe('sandbox.mode');
  expect(nearest('WORKER', ['sandbox.mode', 'workers'])).toBe('workers');
  expect(nearest('port', ['part'])).toBe('part');
});

it('offers nothing when nothing is near', () => {
  expect(nearest('colour', ['sandbox.mode', 'workers'])).toBeUndefined();
  expect(nearest('x', [])).toBeUndefined();
});
