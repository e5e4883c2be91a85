export { KEY_ERRORS, KeyError, type KeyErrorCode } from './errors.ts';
export { type KeyRequest, openKey } from './key-folder.ts';
export { newPrivateKey, signerFromPem } from './signer.ts';
