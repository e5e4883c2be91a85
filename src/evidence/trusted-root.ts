import { z } from 'zod';
import { base64 } from './base64.ts';
import { KEY_DETAILS } from './log-body.ts';
import { type LogKey, logKey } from './log/log-key.ts';
import { publicKeyFromDer } from './public-key.ts';

const MEDIA_TYPE = 'application/vnd.dev.sigstore.trustedroot+json;version=0.1';
// Without a time-stamping authority no moment is attested, so the key has no first day of its own.
const BEGINNING = '1970-01-01T00:00:00Z';

const trustedRootSchema = z.strictObject({
  mediaType: z.literal(MEDIA_TYPE),
  tlogs: z.tuple([
    z.strictObject({
      baseUrl: z.string(),
      hashAlgorithm: z.literal('SHA2_256'),
      publicKey: z.strictObject({
        rawBytes: base64,
        keyDetails: z.literal(KEY_DETAILS.ed25519),
        validFor: z.strictObject({ start: z.literal(BEGINNING) }),
      }),
      logId: z.strictObject({ keyId: base64 }),
    }),
  ]),
  certificateAuthorities: z.tuple([]),
  ctlogs: z.tuple([]),
  timestampAuthorities: z.tuple([]),
});

/** Sigstore's TrustedRoot with our log as the only authority, as JSON text. */
export function trustedRootText(log: LogKey): string {
  const root: z.infer<typeof trustedRootSchema> = {
    mediaType: MEDIA_TYPE,
    tlogs: [
      {
        baseUrl: `https://${log.origin}`,
        hashAlgorithm: 'SHA2_256',
        publicKey: {
          rawBytes: log.key.der.toString('base64'),
          keyDetails: KEY_DETAILS.ed25519,
          validFor: { start: BEGINNING },
        },
        logId: { keyId: Buffer.from(log.logId, 'hex').toString('base64') },
      },
    ],
    certificateAuthorities: [],
    ctlogs: [],
    timestampAuthorities: [],
  };
  return `${JSON.stringify(root, undefined, 2)}\n`;
}

/** The log that a trusted root names; undefined when the text is not exactly what `trustedRootText` writes. */
export function readTrustedRoot(text: string): LogKey | undefined {
  try {
    const root = trustedRootSchema.parse(JSON.parse(text));
    const log = logKey(publicKeyFromDer(Buffer.from(root.tlogs[0].publicKey.rawBytes, 'base64')));
    return trustedRootText(log) === text ? log : undefined;
  } catch {
    return undefined; // not JSON, another shape or no key: not a trusted root of ours, which is the answer
  }
}
