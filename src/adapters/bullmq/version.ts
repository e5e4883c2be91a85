import { FairBackendError } from './errors.ts';

/** The version whose scripts are fused; any other is refused. */
export const BULLMQ_VERSION = '6.7.0';

/** Throws BULLMQ_VERSION unless exactly that version is installed; `read` gives it, or throws when there is none. */
export function requireBullmq(read: () => string): void {
  let found: string;
  try {
    found = read();
  } catch (cause) {
    throw new FairBackendError('BULLMQ_VERSION', `the fair backend is made for bullmq ${BULLMQ_VERSION}, found none`, {
      details: { wanted: BULLMQ_VERSION, found: null },
      cause,
    });
  }
  if (found === BULLMQ_VERSION) return;
  const message = `the fair backend is made for bullmq ${BULLMQ_VERSION}, found ${found}`;
  throw new FairBackendError('BULLMQ_VERSION', message, { details: { wanted: BULLMQ_VERSION, found } });
}
