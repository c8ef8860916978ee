/** Somebody whom this issuer vouches for. */
export interface Account {
  /** The `sub` of tokens: random, opaque, for ever the same and never given to another. */
  readonly id: string;
  /** As written when the account was made, in Unicode NFC, the domain in lower case. */
  readonly email: string;
  readonly name?: string;
  readonly organisation?: string;
  /** Runs this service: may ask for the scopes `operations:read` and `audit:read`. */
  readonly operator: boolean;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** RFC 3339, UTC: the first time that the person signed in. Once set, it stays. */
  readonly signedInAt?: string;
}
