import { type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Why a webhook cannot be told, each with its cure and exit code. */
export const WEBHOOK_ERRORS = Object.freeze({
  WEBHOOK_ADDRESS: { cure: 'Give an https:// address of a public host, or add the host to webhook.hosts', exit: 2 },
  WEBHOOK_FAILED: { cure: 'See that the address answers a POST with 2xx within ten seconds', exit: 1 },
} as const satisfies ErrorTable);

export type WebhookErrorCode = keyof typeof WEBHOOK_ERRORS;

export class WebhookError extends MaestroError<WebhookErrorCode> {
  constructor(code: WebhookErrorCode, message: string, cause?: unknown) {
    super({ code, message, cure: WEBHOOK_ERRORS[code].cure, cause });
  }
}
