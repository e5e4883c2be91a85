import { z } from 'zod';

/**
 * A coding agent that others made, as it is started inside the walls. In `args`, `env` and `files` these words are
 * replaced: `{url}` address of the gateway, `{key}` the run's own key, `{model}` the model of the rung, and for commands
 * `{prompt}` and `{promptFile}`; a command whose arguments name neither reads its prompt from standard input.
 */
export const programSchema = z.strictObject({
  /** `acp` speaks the Agent Client Protocol on standard input and output; `command` takes a prompt and leaves its edits in the files. */
  runner: z.enum(['acp', 'command']),
  /** Name on the search path, or an absolute path. */
  program: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  /** Files of its home, written before it starts. */
  files: z.record(z.string(), z.string()).default({}),
  /** Further absolute paths that it must be able to read. */
  readOnly: z.array(z.string().startsWith('/')).default([]),
  /** Format in which it asks models. */
  speaks: z.enum(['chat', 'responses', 'messages', 'gemini']).default('chat'),
  /** Sign-in method to choose when it wants one; its key is in the environment already. */
  auth: z.string().optional(),
});

export type AgentProgram = z.output<typeof programSchema>;

/** A program that was found on this machine: absolute path, and what must be readable with it. */
export interface FoundProgram extends AgentProgram {
  readonly name: string;
  /** Undefined when it is not installed. */
  readonly path: string | undefined;
}

/** What the words in braces stand for in one run. */
export interface Words {
  readonly url: string;
  readonly key: string;
  readonly model: string;
  readonly prompt?: string;
  readonly promptFile?: string;
}

/** The text with its words replaced; what is replaced is not read again. */
export function filled(text: string, words: Words): string {
  return text.replaceAll(/\{(url|key|model|promptFile|prompt)\}/g, (whole, name: keyof Words) => words[name] ?? whole);
}

/** As the value of a JSON string, for words inside JSON. */
export function filledJson(text: string, words: Words): string {
  const escaped = Object.fromEntries(
    Object.entries(words).map(([name, value]) => [name, JSON.stringify(value).slice(1, -1)]),
  );
  // The cast is true: the same names with texts.
  return filled(text, escaped as unknown as Words);
}
