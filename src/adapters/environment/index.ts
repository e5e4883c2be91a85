import { EMPTY_ENVIRONMENT, type Environment } from '#domain/environment.ts';
export function environmentsIn(_: unknown): { ensure(request: unknown, signal: AbortSignal): Promise<Environment> } {
  return { ensure: () => Promise.resolve(EMPTY_ENVIRONMENT) };
}
