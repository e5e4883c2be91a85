/** The fixed files of an exported dossier. */
export const FILES = Object.freeze({
  envelopes: 'bundle.intoto.jsonl',
  trustedRoot: 'trusted_root.json',
  signer: 'signer.pem',
  checkpoint: 'checkpoint.txt',
  consistency: 'consistency.json',
  patch: 'patch.bin',
  card: 'card.md',
  script: 'verify.sh',
  readme: 'README.md',
  sums: 'SHA256SUMS',
  sumsSignature: 'SHA256SUMS.sig',
} as const);

const ENDING = '.sigstore.json';

export function fileOf(name: string): string {
  return `${name}${ENDING}`;
}

/** The statement's name when the file is a statement. */
export function statementOf(file: string): string | undefined {
  return file.endsWith(ENDING) ? file.slice(0, -ENDING.length) : undefined;
}
