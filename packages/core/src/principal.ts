/** Who a token speaks for, as an issuer names it. */
export interface Identity {
  /** The issuer's URL (`iss`). */
  readonly issuer: string;
  /** The issuer's name for the person (`sub`): unique at that issuer, opaque to us. */
  readonly subject: string;
  readonly email?: string;
  readonly name?: string;
  readonly organisation?: string;
}

/** A person as Stowage knows them; the row is made at the first valid token. */
export interface PrincipalRecord extends Identity {
  readonly id: string;
  /** Sizes of their unpurged versions, trash included. */
  readonly usedBytes: number;
  /** Declared sizes of their uploads whose reservation is still held. */
  readonly reservedBytes: number;
  /** Uploads that are pending, uploaded or verifying. */
  readonly openUploads: number;
  readonly createdAtMs: number;
}
