/** What a token of an identity provider says about its holder, after its signature, issuer, audience and times were checked. */
export interface SignedIn {
  /** Id at the provider, which no other person ever has. */
  readonly subject: string;
  /** The claim by which people are named here, when the provider vouches for it. */
  readonly name?: string;
  readonly groups: readonly string[];
}

/** Tokens of one identity provider. */
export interface TokenVerifier {
  /** Undefined for a token that is not good; throws when the provider cannot be asked. */
  verify(token: string): Promise<SignedIn | undefined>;
}
