import type { JournalStore } from '#journal/ports.ts';
import { messageDelivered, messageFailed, putMessage, takeMessage } from './outbox.ts';
import { addRun, closeRun, findOpenRun, renewRun, takeOverRun } from './runs.ts';
import { finishStep, listSteps, resumeStep, startStep } from './steps.ts';

/** The journal's rows, in the tables run, step and outbox. */
export const journalStore: JournalStore = {
  findOpenRun,
  addRun,
  takeOver: takeOverRun,
  renew: renewRun,
  closeRun,
  listSteps,
  startStep,
  resumeStep,
  finishStep,
  putMessage,
  takeMessage,
  messageDelivered,
  messageFailed,
};
