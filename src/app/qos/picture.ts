import { writeTextFile } from '#adapters/files/index.ts';
import { plotSvg } from '#qos/index.ts';
import { AppError } from '../fault.ts';
import { plotOf, type WhatIfAnswer } from './what-if.ts';

/** Writes the picture of an answer as SVG. Throws SIMULATION_INVALID when the file cannot be written. */
export async function writePicture(path: string, answer: WhatIfAnswer): Promise<void> {
  try {
    await writeTextFile(path, plotSvg(plotOf(answer)));
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new AppError('SIMULATION_INVALID', `the picture cannot be written to ${path} (${why})`, { cause });
  }
}
