export { environmentsIn, type EnvironmentsOptions } from './environments.ts';
export { evictEnvironments } from './evict.ts';
export { ENVIRONMENT_ERRORS, EnvironmentError, type EnvironmentErrorCode } from './errors.ts';
export { runForwarded } from './forward.ts';
export { type NpmSettings, readNpmSettings } from './npm-settings.ts';
export { FORWARD_PORT } from './forward.ts';
