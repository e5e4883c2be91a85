export { opaServer } from './engine.ts';
export { OPA_SERVER_ERRORS } from './errors.ts';
