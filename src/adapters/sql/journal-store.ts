import type { JournalStore } from '#journal/ports.ts';
import { messageDelivered, messageFailed, putMessage, takeMessage } from './outbox.ts';
import { abandonedRuns, addRun, closeRun, findOpenRun, renewRun, takeOverRun } from './runs.ts';
import { finishStep, listSteps, startStep } from './steps.ts';

/** The journal's rows, in the tables run, step and outbox. */
export const journalStore: JournalStore = {
  findOpenRun,
  addRun,
  takeOver: takeOverRun,
  renew: renewRun,
  closeRun,
  abandonedRuns,
  listSteps,
  startStep,
  finishStep,
  putMessage,
  takeMessage,
  messageDelivered,
  messageFailed,
};
