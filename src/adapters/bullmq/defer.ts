import { FairBackendError } from './errors.ts';

/** A function at the top of a script, from `local` to the `end` below it. */
const FUNCTION = /^local (?:function (\w+)\b|(\w+) = function\b)[\s\S]*?^end$/gm;

/**
 * The same script, but only the functions named in `often` are made at each run; the others are made by `rare()` when
 * one of them is called. Redis runs a script from its first line each time, so a script of forty functions makes forty
 * closures for a job that needs ten, and its garbage collector takes them away again.
 */
export function defer(content: string, often: readonly string[]): string {
  const functions = [...content.matchAll(FUNCTION)].map(([text, one, other]) => ({ text, name: one ?? other ?? '' }));
  const missing = often.filter((wanted) => !functions.some(({ name }) => name === wanted));
  if (missing.length > 0) {
    throw new FairBackendError('BULLMQ_SCRIPTS', `bullmq's script has no function ${missing.join(', ')}`);
  }
  const frequent = functions.filter(({ name }) => often.includes(name));
  const rare = functions.filter(({ name }) => !often.includes(name));
  const names = rare.map(({ name }) => name);
  const call = new RegExp(String.raw`\b(${names.join('|')})\(`, 'g');
  const calling = (text: string): string => text.replace(call, 'rare().$1(');
  const first = content.search(FUNCTION);
  return [
    content.slice(0, first),
    `local ${often.join(', ')}`,
    `local function rare()\n${rare.map(({ text }) => text).join('\n')}`,
    `return { ${names.map((name) => `${name} = ${name}`).join(', ')} }\nend`,
    ...frequent.map(({ text }) => calling(text.replace(/^local /, ''))),
    calling(content.slice(first).replace(FUNCTION, '')),
  ].join('\n');
}
