/** `README.md` of an exported folder, for an auditor who has never seen Maestro. */
export const FOLDER_README = `# Evidence of one task

Written by Maestro Conductor from its own records when the task ended. Start with \`card.md\`: what was decided, and why.

| file | what it is |
| --- | --- |
| \`*.sigstore.json\` | one signed statement each: in-toto Statement v1 in DSSE, as Sigstore bundle v0.3 with its proof of inclusion in the log |
| \`summary.sigstore.json\` | the statement that closes the set: it lists the digest of every other one |
| \`bundle.intoto.jsonl\` | the same signed statements, one DSSE envelope a line |
| \`patch.bin\` | the change, when there is one; its SHA-256 is a digest of the subject |
| \`card.md\` | the Decision Card, as signed in \`decision-card.sigstore.json\` |
| \`signer.pem\`, \`trusted_root.json\` | public keys of the signer and of the log; believe them only if you know them from elsewhere |
| \`checkpoint.txt\` | the log's signed state at export; keep it, and hold it against later exports |
| \`consistency.json\` | proofs that earlier states of the log are the beginning of that state |
| \`SHA256SUMS\`, \`SHA256SUMS.sig\` | digests of all files here, signed |

## Check it

You need the signer's public key from an earlier day or another place (\`PINNED.pem\`), not from this folder.

- With openssl alone: \`sh verify.sh PINNED.pem\` (signatures, files, completeness).
- With cosign 3: \`cosign verify-blob-attestation --bundle provenance.sigstore.json --type slsaprovenance1 --key PINNED.pem --trusted-root trusted_root.json patch.bin\` (signature, inclusion, and that it is about this patch; for other statements name their predicate type).
- With Sigstore's libraries: verify each bundle with \`trusted_root.json\` and the key, one log entry, no timestamp (signature and inclusion).
- With Maestro: \`maestro evidence verify DIR\` (all of it, and which part was tampered with).
- With git: \`git rev-parse COMMIT^{tree}\` in the repository is the subject's \`gitTree\`.
`;
