// Plain JavaScript that says which bullmq it needs before anything of bullmq is loaded: another one lacks what is imported.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const near = (path) => new URL(path, import.meta.url);
const source = near('../src/adapters/bullmq/fair.ts');
const code = (name) =>
  existsSync(source) ? near(`../src/adapters/bullmq/${name}.ts`) : near(`../dist/adapters/bullmq/${name}.js`);

const { requireBullmq } = await import(code('version').href);
requireBullmq(() => createRequire(import.meta.url)('bullmq/package.json').version);

export const { createFairBackend, FairQueueBackend, FairBackendError, FAIR_BACKEND_ERRORS } = await import(
  code('fair').href
);
