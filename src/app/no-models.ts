import { nanoUsd } from '#kernel/money.ts';
import type { ModelDoor, Plans } from '#agents/index.ts';
import { NO_MODEL } from '#domain/plan.ts';
import { APP_ERRORS, AppError } from './fault.ts';

/** The door while no gateway is connected: it opens for nobody. */
export const noModels: ModelDoor & Plans = {
  problem: () => ({
    code: 'MODELS_ABSENT',
    msg: 'no model is connected',
    field: 'work.name',
    fix: APP_ERRORS.MODELS_ABSENT.cure,
  }),
  open: () => Promise.reject(closed()),
  socket: () => Promise.reject(closed()),
  used: () => Promise.resolve({ calls: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0, costNano: nanoUsd(0) }),
  close: () => Promise.resolve(),
  choose: () => Promise.resolve(NO_MODEL),
};

function closed(): AppError {
  return new AppError('MODELS_ABSENT', 'no model is connected');
}
