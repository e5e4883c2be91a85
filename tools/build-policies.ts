import { parseArgs } from 'node:util';
import { buildBundle } from '#adapters/opa-wasm/index.ts';

// Compiles policies/maestro into policies/build, which is committed: machines without the compiler run it as it is.
const { values } = parseArgs({ options: { opa: { type: 'string', default: 'opa' } } });
const { revision, files } = await buildBundle({ opa: values.opa, rules: 'policies/maestro', out: 'policies/build' });
console.log(`policies/build: revision ${revision}, policy.wasm ${files['policy.wasm'] ?? ''}`);
