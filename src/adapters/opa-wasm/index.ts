export { buildBundle, OPA_VERSION } from './build.ts';
export { openOpaWasm } from './engine.ts';
export { OPA_WASM_ERRORS } from './errors.ts';
export { regoFiles, requireCurrent } from './rules.ts';
