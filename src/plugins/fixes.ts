/** The smallest safe next step after a package was refused, by code; most mean that it was changed on its way. */
const PACKAGE_FIXES: { readonly [code: string]: string } = {
  PUBLISHER_UNKNOWN:
    'If you know the publisher and have its public key: maestro plugin trust PUBLISHER --namespace NAME. --key FILE',
  KEY_UNKNOWN: 'Ask the publisher whether it signs with a new key, and trust that one: maestro plugin trust',
  KEY_FOREIGN: 'Have it signed by the publisher that its manifest names',
  KEY_EXPIRED: 'Have the publisher sign it again with a key that is valid',
  KEY_REVOKED: 'Do not use this package; ask the publisher for one that is signed with its new key',
  UNSIGNED: 'Have its publisher sign it: maestro plugin sign FOLDER --key FILE',
  THRESHOLD: 'Have more keys of the publisher sign it',
  NAMESPACE: 'Give the plugin a name that begins with a namespace of its publisher',
  MANIFEST_INVALID: 'Correct the manifest as the message says, build and sign again',
  MANIFEST_DIGEST: 'If you changed the manifest: sign again. If not: get the package again from its publisher',
  MODULE_DIGEST: 'If you built again: sign again. If not: get the package again from its publisher',
  BUILDER_UNKNOWN: 'Build it where this installation trusts the builder, or add the builder to the trust root',
  LICENSE_DENIED: 'Use a plugin under a licence of the list, or have the list changed by who keeps the trust root',
  VERSION_MINIMUM: 'Install a newer version: maestro plugin search NAME',
  VERSION_ROLLBACK: 'Install a version that is not older: maestro plugin search NAME',
  TRUST_EXPIRED: 'Get the current trust root from whoever keeps it',
  DIGEST_REVOKED: 'Do not use this module; install a version that is not revoked',
};

export function packageFix(code: string): string {
  return PACKAGE_FIXES[code] ?? 'Do not use this package; get it again from its publisher';
}

/** The same after a call that ended badly. */
const CALL_FIXES: { readonly [code: string]: string } = {
  NOT_INSTALLED: 'Install it: maestro plugin install NAME --tenant TENANT',
  FUEL: 'Give it less to do, or raise limits.fuel in its manifest; maestro plugin profile shows where fuel goes',
  DEADLINE: 'Give it less to do, or raise limits.wall_ms in its manifest',
  MEMORY: 'Give it less to do, or raise limits.memory_bytes in its manifest',
  HOSTCALL_QUOTA: 'Give it less to do, or raise limits.host_calls in its manifest',
  FS_BYTES_QUOTA: 'Name fewer files, or raise limits.read_bytes in its manifest',
  OUTPUT_QUOTA: 'Ask for less, or raise limits.output_bytes in its manifest',
  GRANT_MISSING: 'Approve what it asks for: maestro plugin install NAME --tenant TENANT',
  RUNNER_LOST: 'Call it again; when it stays so, see maestro plugin profile',
  DIGEST_REVOKED: 'Install a version that is not revoked: maestro plugin search NAME',
};

export function callFix(code: string): string {
  return CALL_FIXES[code] ?? 'Try it alone with maestro plugin profile, and tell its author';
}
