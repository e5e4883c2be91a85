/** Exactly which plugin ran: its bytes, who built and signed them, what it was allowed and behind which walls. Digests are SHA-256 hex. */
export interface PluginIdentity {
  /** Dotted name without version. */
  readonly id: string;
  readonly version: string;
  readonly digests: { readonly module: string; readonly manifest: string; readonly sbom: string };
  /** Of the metered module that the host made of it and ran. */
  readonly instrumentedDigest: string;
  readonly builder: string;
  readonly keyIds: readonly string[];
  /** One line for each right, as people approve them. */
  readonly granted: readonly string[];
  readonly walls: readonly string[];
}
