import type { Change } from '#domain/change.ts';
import type { ResolvedFile } from './landing.ts';

/** The message of the commit that lands: what and why, then trailers that lead back to task, change and run. */
export function landingMessage(change: Change, resolved: readonly ResolvedFile[]): string {
  const trailers = [
    `Maestro-Task: ${change.task}`,
    `Maestro-Change: ${change.id}`,
    `Maestro-Run: ${change.run}`,
    `Maestro-Head: ${change.head}`,
    ...resolved.map(({ path, rule }) => `Maestro-Resolved: ${oneLine(path)} (${oneLine(rule)})`),
  ];
  // Trailers are the last paragraph, so that no line of the body can pass for one.
  return [oneLine(change.title), plain(change.body).trim(), trailers.join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
}

function oneLine(text: string): string {
  return plain(text).replace(/\s+/g, ' ').trim();
}

/** Without control characters: a commit cannot hold a zero byte, and a terminal should not be steered. */
function plain(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '');
}
