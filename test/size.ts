import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** True in the project `soak`. */
    readonly fullSize: boolean;
  }
}

/** The small size in `npm test`, the full one in `npm run test:soak`: one test, two sizes. */
export function sized<T>(small: T, full: T): T {
  return inject('fullSize') ? full : small;
}
