import { readFileSync } from 'node:fs';
import { readVectors } from '#policy/index.ts';

/** The cases that every engine passes. */
export const VECTORS = readVectors(
  JSON.parse(readFileSync(new URL('../../policies/vectors.json', import.meta.url), 'utf8')),
);
