/** Keys that Maestro gives out: API keys, keys for models, secrets of webhooks. */
const OWN_KEYS = /\b(?:maestro_[0-9a-z]{20}_|mk_|whsec_)[A-Za-z0-9_+/=-]{40,}/g;

export function ownKeysIn(text: string): readonly string[] {
  return text.match(OWN_KEYS) ?? [];
}

/** The text without keys of ours that somebody has printed into it. */
export function withoutOwnKeys(text: string): string {
  return text.replace(OWN_KEYS, '[key]');
}
