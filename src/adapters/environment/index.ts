import { EMPTY_ENVIRONMENT, type Environment } from '#domain/environment.ts';
export interface Environments {
  ensure(request: unknown, signal: AbortSignal): Promise<Environment>;
}
export function environmentsIn(options: { readonly dataDir: string }): Environments {
  return { ensure: () => Promise.resolve(options.dataDir === '' ? EMPTY_ENVIRONMENT : EMPTY_ENVIRONMENT) };
}
