/** An OpenID provider and what is expected of its tokens. */
export interface ProviderOptions {
  /** As the provider writes it in its tokens. */
  readonly issuer: string;
  /** Whom API tokens must be made for. */
  readonly audience: string;
  /** How far the clocks may differ, ms. */
  readonly toleranceMs: number;
  readonly groupsClaim: string;
  /** The claim that names a person; `email` counts only when the provider has verified it. */
  readonly nameClaim: string;
}

/** Plain HTTP is for providers on this machine only. */
export function isLocal(issuer: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(issuer).hostname);
}
