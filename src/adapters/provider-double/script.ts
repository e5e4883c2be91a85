import { z } from 'zod';
import type { Prompt } from './prompt.ts';

const turn = z.strictObject({
  text: z.string().optional(),
  thought: z.string().optional(),
  calls: z.array(z.strictObject({ name: z.string(), arguments: z.record(z.string(), z.unknown()) })).optional(),
});
const schema = z.strictObject({
  rules: z.array(z.strictObject({ contains: z.string(), model: z.string().optional(), turns: z.array(turn).min(1) })),
});

export type Script = z.infer<typeof schema>;
/** What the double says in one turn. */
export type Turn = z.infer<typeof turn>;

export const NO_SCRIPT: Script = { rules: [] };

/** Throws a ZodError for what is no script. */
export function readScript(content: unknown): Script {
  return schema.parse(content);
}

/** The scripted turn, or a text that says that it is a double, as long as the prompt asks for. */
export function turnFor(script: Script, prompt: Prompt, tokens: number | undefined): Turn {
  const text = prompt.parts.map((part) => part.text).join('\n');
  const rule = script.rules.find(
    (each) => text.includes(each.contains) && (each.model === undefined || each.model === prompt.model),
  );
  const turn = rule?.turns[Math.min(prompt.turns, rule.turns.length - 1)];
  return turn ?? { text: plainText(tokens ?? 12) };
}

/** Exactly so many tokens. */
function plainText(tokens: number): string {
  const words = ['This', ' ', 'is', ' ', 'a', ' ', 'doub', 'le', '.', ' '];
  return Array.from({ length: tokens }, (_, i) => words[i % words.length]).join('');
}
