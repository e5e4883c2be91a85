import { EMPTY_ENVIRONMENT, type Environment } from '#domain/environment.ts';
export interface Environments {
  ensure(request: unknown, signal: AbortSignal): Promise<Environment>;
}
export function environmentsIn(_: unknown): Environments {
  return { ensure: () => Promise.resolve(EMPTY_ENVIRONMENT) };
}
