import { z } from 'zod';
import { MergeError } from './errors.ts';
import type { ConflictedFile, Resolution } from './ports.ts';

const request = z.object({
  id: z.union([z.string(), z.number()]),
  path: z.string(),
  base: z.string(),
  ours: z.string(),
  theirs: z.string(),
});

/** One answer of the batch: the request's id and what the merge came to. */
interface ServedMerge extends Resolution {
  readonly id: string | number;
}

/** Merges one JSON request a line, in order; throws MERGE_REQUEST_INVALID on a line that is no request. */
export async function* serve(
  lines: AsyncIterable<string>,
  resolve: (file: ConflictedFile) => Promise<Resolution>,
): AsyncGenerator<string> {
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const { id, ...file } = readRequest(line);
    const { status, text, tier, confidence, rule, reasons } = await resolve(file);
    yield JSON.stringify({ id, status, text, tier, confidence, rule, reasons } satisfies ServedMerge);
  }
}

function readRequest(line: string): z.infer<typeof request> {
  try {
    return request.parse(JSON.parse(line));
  } catch (cause) {
    throw new MergeError({
      code: 'MERGE_REQUEST_INVALID',
      message: `Not a merge request: ${line.slice(0, 80)}`,
      cause,
    });
  }
}
