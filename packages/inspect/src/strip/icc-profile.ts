/** A profile's header, then the count of its tags (ICC.1:2022 section 7.2 and 7.3). */
const leastBytes = 132;

/** No scanner's or printer's profile is larger by far; what a camera writes has a few hundred bytes. */
const mostBytes = 16 * 1024 * 1024;

/**
 * Whether bytes are a colour profile rather than something that goes by its name: they say how long they are, and that they are
 * one, and each of its tags lies within. What its own texts say (a description, a copyright) stays with it.
 */
export function isIccProfile(bytes: Buffer): boolean {
  if (bytes.length < leastBytes || bytes.length > mostBytes) return false;
  if (bytes.readUInt32BE(0) !== bytes.length || bytes.toString("latin1", 36, 40) !== "acsp") return false;
  const tags = bytes.readUInt32BE(128);
  if (leastBytes + tags * 12 > bytes.length) return false;
  for (let at = leastBytes; at < leastBytes + tags * 12; at += 12)
    if (bytes.readUInt32BE(at + 4) + bytes.readUInt32BE(at + 8) > bytes.length) return false;
  return true;
}
