import { z } from 'zod';
import { base64 } from './base64.ts';
import { type Envelope, envelope } from './dsse.ts';
import { LOG_ENTRY_KIND, LOG_ENTRY_KINDS, type LoggedStatement } from './log-body.ts';
import type { Appended } from './log/log.ts';
import type { LogKey } from './log/log-key.ts';
import { PAYLOAD_TYPE } from './statement.ts';

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const count = z.string().regex(/^(0|[1-9]\d{0,14})$/);

const inclusionProof = z.strictObject({
  logIndex: count,
  rootHash: base64,
  treeSize: count,
  hashes: z.array(base64),
  checkpoint: z.strictObject({ envelope: z.string() }),
});

const tlogEntry = z.strictObject({
  logIndex: count,
  logId: z.strictObject({ keyId: base64 }),
  kindVersion: z.strictObject({ kind: z.enum(LOG_ENTRY_KINDS), version: z.literal(LOG_ENTRY_KIND.version) }),
  inclusionProof,
  canonicalizedBody: base64,
});

/** Sigstore bundle v0.3 as Maestro writes it: one key, one signature, one log entry with its inclusion proof. */
const bundleSchema = z.strictObject({
  mediaType: z.literal(MEDIA_TYPE),
  verificationMaterial: z.strictObject({
    publicKey: z.strictObject({ hint: z.string() }),
    tlogEntries: z.tuple([tlogEntry]),
  }),
  dsseEnvelope: z.strictObject({
    payload: base64,
    payloadType: z.literal(PAYLOAD_TYPE),
    signatures: z.tuple([z.strictObject({ sig: base64 })]),
  }),
});

/** What a bundle says, decoded; hashes in hex. Nothing of it is checked yet. */
export interface BundleParts {
  readonly keyHint: string;
  readonly envelope: Envelope;
  readonly payload: Buffer;
  readonly signature: Buffer;
  readonly body: Buffer;
  readonly bodyKind: LoggedStatement['kind'];
  readonly logId: string;
  /** Said twice in a bundle; the two must be equal. */
  readonly indexes: readonly [number, number];
  readonly size: number;
  readonly root: string;
  readonly path: readonly string[];
  readonly checkpoint: string;
}

/** The bundle of a statement that was signed and logged, as JSON text on one line. */
export function bundleText(signed: {
  payload: Uint8Array;
  signature: Uint8Array;
  keyId: string;
  appended: Appended;
  log: LogKey;
}): string {
  const { entry, root, path } = signed.appended;
  const hex = (hash: string): string => Buffer.from(hash, 'hex').toString('base64');
  return JSON.stringify({
    mediaType: MEDIA_TYPE,
    verificationMaterial: {
      publicKey: { hint: signed.keyId },
      tlogEntries: [
        {
          logIndex: `${entry.index}`,
          logId: { keyId: hex(signed.log.logId) },
          kindVersion: LOG_ENTRY_KIND,
          inclusionProof: {
            logIndex: `${entry.index}`,
            rootHash: hex(root),
            treeSize: `${entry.index + 1}`,
            hashes: path.map(hex),
            checkpoint: { envelope: entry.checkpoint },
          },
          canonicalizedBody: Buffer.from(entry.body).toString('base64'),
        },
      ],
    },
    dsseEnvelope: envelope(signed.payload, signed.signature),
  });
}

/** Reads a bundle of the shape that Maestro writes; undefined for any other text. */
export function readBundle(text: string): BundleParts | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined; // not JSON: not a bundle, which is the answer
  }
  const bundle = bundleSchema.safeParse(json).data;
  if (bundle === undefined) return undefined;
  const [entry] = bundle.verificationMaterial.tlogEntries;
  const [signature] = bundle.dsseEnvelope.signatures;
  const proof = entry.inclusionProof;
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
  return {
    keyHint: bundle.verificationMaterial.publicKey.hint,
    envelope: bundle.dsseEnvelope,
    payload: bytes(bundle.dsseEnvelope.payload),
    signature: bytes(signature.sig),
    body: bytes(entry.canonicalizedBody),
    bodyKind: entry.kindVersion.kind,
    logId: bytes(entry.logId.keyId).toString('hex'),
    indexes: [Number(entry.logIndex), Number(proof.logIndex)],
    size: Number(proof.treeSize),
    root: bytes(proof.rootHash).toString('hex'),
    path: proof.hashes.map((hash) => bytes(hash).toString('hex')),
    checkpoint: proof.checkpoint.envelope,
  };
}
