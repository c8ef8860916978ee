/** Who a token speaks for, as an issuer names it. */
export interface Identity {
  /** The issuer's URL (`iss`). */
  readonly issuer: string;
  /** The issuer's name for the person (`sub`): unique at that issuer, opaque to us. */
  readonly subject: string;
  readonly email?: string;
  /** Whether the issuer says that it found the e-mail to be theirs. Default: it was not. */
  readonly emailVerified?: true;
  readonly name?: string;
  readonly organisation?: string;
}

/** What is known of who comes: the whole, or, where the issuer could not be asked, no more than who it is. */
export interface KnownIdentity extends Omit<Identity, "emailVerified"> {
  /** False: the issuer says that it is not, whatever it said before. Absent in a partial one: it says nothing of it. */
  readonly emailVerified?: boolean;
  /**
   * Whether e-mail, name and organisation (and that the e-mail is verified) that are lacking here are unknown, not gone. Default: gone. What was
   * said before is believed for {@link personaliaLifetimeMs}; after that it is gone too.
   */
  readonly isPartial?: boolean;
  /**
   * When the issuer said this: issued the token, or answered. Of who is known by something that was said later nothing here is believed.
   * Default: it is not known; believed, whatever was said before.
   */
  readonly saidAtMs?: number;
}

/** How far the clock of an issuer may be ahead of ours: what was issued later than that from now is refused. */
export const issuerSkewMs: number = 5000;

/**
 * Whether something newer is known of a person than what is said now. What seems to be from the future was dated by a clock that was wrong, and
 * stands in nobody's way.
 */
export const isOutdated = (
  saidAtMs: number | undefined,
  { knownAtMs, nowMs }: { readonly knownAtMs: number; readonly nowMs: number },
): boolean => saidAtMs !== undefined && saidAtMs < knownAtMs && knownAtMs <= nowMs + issuerSkewMs;

/**
 * For how long what an issuer said of a person (their address, organisation and name) is believed while it can't be asked again, counted from
 * when it last said all of it: a day. A little less, since that is written down once an {@link personaliaNotedMs hour} at most.
 */
export const personaliaLifetimeMs: number = 24 * 3600 * 1000;

/** How old what is written down of when an issuer last said all may be. */
export const personaliaNotedMs: number = 3600 * 1000;

/** A person as Stowage knows them; the row is made at the first valid token. */
export interface PrincipalRecord extends Identity {
  readonly id: string;
  /** As they want to be called, else as their issuer calls them. */
  readonly name?: string;
  /** Raised by each change of what they say of themselves; its ETag. Absent: 1, they never changed it. */
  readonly profileRevision?: number;
  /**
   * Of their organisation, where they are of one: opaque, made by the store for the first person whom that issuer names that
   * organisation for. Two issuers' organisations of one name are two.
   */
  readonly organisationId?: string;
  /** Sizes of their unpurged versions, trash included. */
  readonly usedBytes: number;
  /** Declared sizes of their uploads whose reservation is still held. */
  readonly reservedBytes: number;
  /** Their files that are not purged, whatever their state. */
  readonly usedFiles: number;
  /** Uploads that are pending, uploaded or verifying. */
  readonly openUploads: number;
  readonly createdAtMs: number;
  /** Where they signed out everywhere: what was issued to them before then is refused. */
  readonly tokensValidFromMs?: number;
}

/** People whom one issuer names the same organisation for. Its counters are the sums of theirs. */
export interface OrganisationRecord
  extends Pick<
    PrincipalRecord,
    "id" | "issuer" | "usedBytes" | "reservedBytes" | "usedFiles" | "openUploads"
  > {
  readonly name: string;
}
