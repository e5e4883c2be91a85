import type { Clock } from './clock.ts';
import type { Json } from './json.ts';
import { withoutOwnKeys } from './own-keys.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Fixed text and fields beside it, so that lines can be counted. No secrets, prompts or source text. */
export interface Log {
  log(level: LogLevel, text: string, fields?: { readonly [key: string]: Json }): void;
}

/** One JSON line for each entry, handed to `write` (standard error in the product). Keys of ours that got into it are taken out. */
export function jsonLog(options: { clock: Clock; write: (line: string) => void; least: LogLevel }): Log {
  const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
  return {
    log(level, text, fields = {}) {
      if (order.indexOf(level) < order.indexOf(options.least)) return;
      const line = JSON.stringify({ at: options.clock.now(), level, text, ...fields });
      options.write(`${withoutOwnKeys(line)}\n`);
    },
  };
}
