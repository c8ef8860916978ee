/** Tokens that are shown once, of which no more than a digest is kept. */
export interface TokenSource {
  /** At least 128 random bits in base64url. */
  newToken(): string;
  /** SHA-256 in lower-case hex: a token has too many bits for anything slower to be of use. */
  digestOf(token: string): string;
}

/** Keeps what people think up so that whoever reads the database can't. Slow on purpose, and off the event loop. */
export interface PassphraseHasher {
  /**
   * What to keep: says itself how it was made, and is another at every call.
   *
   * @throws RefusedError `unavailable` where too many wait already
   */
  hash(passphrase: string): Promise<string>;
  /** @throws RefusedError `unavailable` where too many wait already */
  isRight(passphrase: string, hash: string): Promise<boolean>;
}
