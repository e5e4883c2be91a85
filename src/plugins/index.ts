export { admit, type Admission, type AdmitRequest } from './admit.ts';
export { askPolicy, builtinPolicy, DEFAULT_POLICY, type PolicyTable } from './builtin-policy.ts';
export { type EditPlan, type FileEdits, planEdits } from './edits.ts';
export { PluginError, type PluginErrorCode } from './errors.ts';
export { licenseAllowed, licenseFault } from './license.ts';
export { type Manifest, manifestJsonSchema, readManifest } from './manifest.ts';
export { acceptCatalog, type Catalog, signCatalog } from './market/catalog.ts';
export { fetchPackage, type Listing, listings, publish } from './market/oci.ts';
export { mirrorRepository, mirrorStore, pull, push, repositoryOf } from './market/remote.ts';
export { choose, type Found, search } from './market/search.ts';
export { packPlugin, type PackRequest } from './pack.ts';
export { DEFAULT_LIMITS, permissionDiff, rightsOf } from './permissions.ts';
export type { PluginPolicy, PluginQuestion } from './ports.ts';
export {
  type InstallPlan,
  Plugins,
  type PluginsOptions,
  type Proved,
  type Refused,
  type RunResult,
} from './plugins.ts';
export { inputSchema, type PluginTool } from './tool.ts';
export { profile, type ProfileRow } from './profile.ts';
export { writeBundle } from './provenance/bundle.ts';
export { verifyKey } from './provenance/keys.ts';
export {
  acceptTrustRoot,
  type Publisher,
  TRUST_ROOT_TYPE,
  type TrustAnswer,
  type TrustRoot,
} from './provenance/trust-root.ts';
export { type PluginPackage, type Verified, type VerifyAnswer, verifyPackage } from './provenance/verify.ts';
export { type ScaffoldLanguage, scaffold, SCAFFOLD_LANGUAGES } from './scaffold.ts';
export { strictJson } from './strict-json.ts';
export { currentTrust, lastTrust, type PinnedRoot, updateTrust } from './trust.ts';
