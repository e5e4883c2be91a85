import { isSample, type Sample } from './sample.ts';

/** Reads JSON lines; lines that hold no sample are counted, not thrown. */
export function parseLines(text: string): { samples: Sample[]; skipped: number } {
  const samples: Sample[] = [];
  let skipped = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const value = readJson(line);
    if (isSample(value)) samples.push(value);
    else skipped += 1;
  }
  return { samples, skipped };
}

function readJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
