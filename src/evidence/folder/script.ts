/** `verify.sh`: checks signatures, digests and completeness of a folder with openssl and nothing of ours. */
export const VERIFY_SCRIPT = String.raw`#!/bin/sh
# Checks this folder with openssl alone: every signature, every file, and that no statement is missing.
# Usage: sh verify.sh PINNED.pem     (the signer's public key, as you got it earlier and elsewhere)
# It does not check the transparency log; README.md says what does.
set -eu
fail() { echo "FAILED: $1" >&2; exit 1; }

if [ $# -eq 1 ]; then
  key=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
else
  key=signer.pem
  echo "warning: no pinned key given, so signer.pem of this very folder is believed" >&2
fi
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

signed() { # file, signature
  if openssl pkey -pubin -in "$key" -noout -text | grep -q ED25519; then
    openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$1" -sigfile "$2" >/dev/null 2>&1
  else
    openssl dgst -sha256 -verify "$key" -signature "$2" "$1" >/dev/null 2>&1
  fi
}
sum() { openssl dgst -sha256 -r "$1" | cut -d ' ' -f 1; }
field() { sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p" "$1" | openssl base64 -d -A; }

signed SHA256SUMS SHA256SUMS.sig || fail "SHA256SUMS is not signed by this key"
while read -r digest file; do
  [ -f "$file" ] || fail "$file is missing"
  [ "$(sum "$file")" = "$digest" ] || fail "$file was changed"
done < SHA256SUMS
for file in *; do
  case $file in SHA256SUMS | SHA256SUMS.sig) ;; *) grep -q "  $file\$" SHA256SUMS || fail "$file is not listed" ;; esac
done

[ -f summary.sigstore.json ] || fail "summary.sigstore.json is missing"
field summary.sigstore.json payload > "$work/summary"
count=0
for file in *.sigstore.json; do
  field "$file" payload > "$work/payload"
  field "$file" sig > "$work/sig"
  size=$(wc -c < "$work/payload" | tr -d ' ')
  { printf 'DSSEv1 28 application/vnd.in-toto+json %s ' "$size"; cat "$work/payload"; } > "$work/pae"
  signed "$work/pae" "$work/sig" || fail "$file is not signed by this key"
  if [ "$file" != summary.sigstore.json ]; then
    grep -q "{\"digest\":{\"sha256\":\"$(sum "$work/payload")\"},\"uri\":\"$file\"}" "$work/summary" ||
      fail "$file is not listed in the summary"
    count=$((count + 1))
  fi
done
[ "$count" -gt 0 ] || fail "there are no statements"
listed=$(grep -o '"uri":"[a-z0-9-]*\.sigstore\.json"' "$work/summary" | wc -l | tr -d ' ')
[ "$count" -eq "$listed" ] || fail "the summary lists $listed statements, here are $count"
echo "OK: $count statements and their summary"
`;
