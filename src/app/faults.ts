import type { Faults } from '#journal/index.ts';

/** Ends this process like a power cut when it reaches `<step>:<phase>`; without a point nothing ever happens. */
export function killAt(point: string | undefined): Faults {
  return {
    at: ({ step, phase }) => {
      if (point === `${step}:${phase}`) process.kill(process.pid, 'SIGKILL');
    },
  };
}
