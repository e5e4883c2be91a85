// Plain JavaScript: in a checkout the sources answer, in the package what was compiled from them.
import { existsSync } from 'node:fs';

const near = (path) => new URL(path, import.meta.url);
const source = near('../src/app/api-client.ts');

export const { ApiProblem, maestroClient } = await import(
  (existsSync(source) ? source : near('../dist/app/api-client.js')).href
);
