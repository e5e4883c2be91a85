export { buildBundle, OPA_VERSION } from './build.ts';
export { openOpaWasm } from './engine.ts';
export { regoFiles, requireCurrent } from './rules.ts';
