export { DataKeys } from './data-keys.ts';
export { KEY_ERRORS, KeyError, type KeyErrorCode } from './errors.ts';
export { type KeyRequest, openKey } from './key-folder.ts';
export type { MasterKeyPlace } from './master-keys.ts';
export { readSymmetricKey, type SymmetricKey } from './envelope.ts';
export { newPrivateKey, signerFromPem } from './signer.ts';
