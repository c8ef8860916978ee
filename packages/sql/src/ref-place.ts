/**
 * Eight hexadecimal digits of a time in milliseconds from 2004 to 2109, all but its last 65 seconds: what a UUIDv7 (RFC
 * 9562 section 5.7) begins with, and the refs of the SDKs.
 */
const beginsWithTime = /^0[1-3][0-9a-f]{6}/;

/** Where the row of a client's ref lies. */
export interface RefPlace {
  readonly lead: string;
  readonly rest: string;
}

/**
 * What a ref is found by, one place for each pair of owner and ref. A ref that begins with the time leads, so that those
 * of one moment lie beside each other, whoever sent them: fifty people's creates then write one page of them, not
 * fifty. Any other lies among its owner's, so that those of a batch lie together. A slash sets the two apart: no ref
 * that leads begins with one.
 */
export const refPlaceOf = (ownerId: string, ref: string): RefPlace =>
  beginsWithTime.test(ref) ? { lead: ref, rest: ownerId } : { lead: `/${ownerId}`, rest: ref };
