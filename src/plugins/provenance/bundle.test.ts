import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { createPublicKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { freshSigner } from '../../../test/plugins/fresh-signer.ts';
import { writeBundle } from './bundle.ts';
import { keysOf } from './trust-root.ts';
import { readSigned } from './signed.ts';

const TYPE = 'application/vnd.in-toto+json';
const signer = freshSigner();
const payload = Buffer.from('{"a":1}');

/** The official library, told about our key and that there is no log. */
function official(text: string): void {
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [],
    ctlogs: [],
    certificateAuthorities: [],
    timestampAuthorities: [],
  };
  const key = { publicKey: createPublicKey(signer.publicKeyPem), validFor: () => true };
  const material = toTrustMaterial(root, () => key);
  new Verifier(material, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 }).verify(
    toSignedEntity(bundleFromJSON(JSON.parse(text))),
  );
}

test('a bundle is one that the official Sigstore library reads and verifies', async () => {
  const text = await writeBundle(signer, TYPE, payload);

  expect(() => official(text)).not.toThrow();
  expect(() => official(text.replace(payload.toString('base64'), Buffer.from('{"a":2}').toString('base64')))).toThrow();
});

test('what we read back is what was signed', async () => {
  const signed = readSigned(await writeBundle(signer, TYPE, payload), {
    payloadType: TYPE,
    keys: keysOf([signer.publicKeyPem]),
    threshold: 1,
  });

  expect(signed).toMatchObject({ ok: true, keyIds: [signer.keyId] });
});
