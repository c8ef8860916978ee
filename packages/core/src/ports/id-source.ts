/** The only source of randomness in the domain. */
export interface IdSource {
  /** A time-ordered id (UUIDv7, RFC 9562 section 5.7), lower case. */
  newId(): string;
  /**
   * At least 128 random bits as `[a-z0-9]`, for object keys, which nobody may guess. They come first, since stores
   * spread their load by the beginning of a key; the time may follow, by which a database finds its new rows together.
   */
  newKeyPart(): string;
}
