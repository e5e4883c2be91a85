import { z } from 'zod';
import type { Json } from '#kernel/json.ts';
import type { RunContext } from '../../runner.ts';

/** What a tool came to: a text for the model; `ok` is false when it was told what is wrong. */
export type ToolResult = {
  readonly ok: boolean;
  readonly text: string;
  /** Time in the sandbox, ms. */
  readonly cpuMs: number;
};

/** One thing that the native agent can do. A family: a file each, one line in `map.ts`. */
export interface Tool {
  readonly name: string;
  /** Told to the model. */
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: { readonly [key: string]: Json };
  /** Arguments come as the model wrote them. Never throws for what they say. */
  use(args: unknown, context: RunContext, signal: AbortSignal): Promise<ToolResult>;
}

/** A tool whose arguments are read by a schema; the schema is also what the model is told. */
export function tool<S extends z.ZodType>(parts: {
  readonly name: string;
  readonly description: string;
  readonly args: S;
  use(args: z.output<S>, context: RunContext, signal: AbortSignal): Promise<ToolResult>;
}): Tool {
  const { $schema: _, ...parameters } = z.toJSONSchema(parts.args, { io: 'input' });
  return {
    name: parts.name,
    description: parts.description,
    // The cast is true: a JSON Schema is JSON.
    parameters: parameters as Tool['parameters'],
    use: async (args, context, signal) => {
      const read = parts.args.safeParse(args);
      if (!read.success) return no(`wrong arguments: ${z.prettifyError(read.error)}`);
      return parts.use(read.data, context, signal);
    },
  };
}

export function yes(text: string, cpuMs = 0): ToolResult {
  return { ok: true, text, cpuMs };
}

export function no(text: string, cpuMs = 0): ToolResult {
  return { ok: false, text, cpuMs };
}
