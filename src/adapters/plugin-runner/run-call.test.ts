import { expect, test } from 'vitest';
import { LIMITS, NONE, wat } from '../../../test/plugins/wat.ts';
import { runCall } from './run-call.ts';

const FUEL = '(global (export "__fuel") (mut i64) (i64.const 0))';
const NO_ENGINES = () => ({ files: null, text: null, trees: null });

test.each([
  [
    'gives an i32',
    `${FUEL} (memory (export "memory") 1) (func (export "run") (param i32 i32) (result i32) (i32.const 0))`,
  ],
  ['exports no fuel', '(memory (export "memory") 1)'],
  ['exports no memory', FUEL],
])('a module that %s is answered ABI_RESULT, had it ever been admitted', async (_, parts) => {
  const loaded = {
    kind: 'abi-1',
    module: new WebAssembly.Module(await wat(`(module ${parts})`)),
    imports: new Set<string>(),
  } as const;
  const input = { length: 0, copyInto: () => undefined, bytes: () => new Uint8Array() };

  const report = runCall(
    loaded,
    { root: null, permissions: NONE, limits: LIMITS, seed: 1, startMs: 0 },
    input,
    () => new WebAssembly.Memory({ initial: 1, maximum: 1 }),
    NO_ENGINES,
  );

  expect(report).toMatchObject({ ok: false, code: 'ABI_RESULT' });
});
