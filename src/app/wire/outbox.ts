import { postJson } from '#adapters/webhook/index.ts';
import { type Deliver, Outbox, type OutboxOptions } from '#journal/index.ts';
import type { House } from '../house.ts';
import { ALERT_MESSAGES } from '../qos/alerts.ts';
import type { Settings } from '../config/settings.ts';

/** Time for one delivery. */
const LIMIT_MS = 10_000;

/** What is told to the outside after commit, and to whom. */
export function outboxParts(
  settings: Settings,
  tools: Pick<OutboxOptions, 'sql' | 'store' | 'clock' | 'log'>,
): Pick<House, 'outbox' | 'alertReceivers'> {
  const webhook = settings['alert.webhookUrl'];
  const alertmanager = settings['alert.alertmanagerUrl'];
  const deliver: { [kind: string]: Deliver } = {};
  if (webhook !== undefined) deliver[ALERT_MESSAGES.webhook] = postTo(webhook);
  if (alertmanager !== undefined) {
    deliver[ALERT_MESSAGES.alertmanager] = postTo(`${alertmanager.replace(/\/$/, '')}/api/v2/alerts`);
  }
  return {
    outbox: new Outbox({ ...tools, deliver, limitMs: LIMIT_MS }),
    alertReceivers: { webhook: webhook !== undefined, alertmanager: alertmanager !== undefined },
  };
}

function postTo(url: string): Deliver {
  return ({ key, payload }, signal) => postJson(url, payload, { key, signal });
}
