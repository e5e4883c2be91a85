import type { Answer } from '../answer.ts';
import type { Prompt } from '../prompt.ts';

/** One event of a stream, and the tokens that it carries. */
export interface Said {
  readonly text: string;
  readonly tokens: number;
}

/** How one format reads prompts and says answers. */
export interface Speech {
  /** Below the base address. */
  readonly path: string;
  read(body: unknown): Prompt;
  body(answer: Answer): object;
  events(answer: Answer): readonly Said[];
  error(status: number, message: string): object;
}

export function event(data: object | string, name?: string): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return name === undefined ? `data: ${text}\n\n` : `event: ${name}\ndata: ${text}\n\n`;
}

export function openaiError(status: number, message: string): object {
  const type = status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error';
  return {
    error: {
      message: `${message} (a double, no provider)`,
      type,
      param: null,
      code: status === 429 ? 'rate_limit_exceeded' : null,
    },
  };
}
