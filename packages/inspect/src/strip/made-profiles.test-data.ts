/** A colour profile with further tags: each a signature and an element, its type first. */
export function withTags(
  profile: Buffer,
  ...tags: readonly (readonly [signature: string, element: Buffer])[]
): Buffer {
  const count = profile.readUInt32BE(128);
  const moved = tags.length * 12;
  const entries = Buffer.from(profile.subarray(132, 132 + count * 12));
  for (let at = 4; at < entries.length; at += 12) entries.writeUInt32BE(entries.readUInt32BE(at) + moved, at);
  const bytes: Buffer[] = [];
  let place = profile.length + moved;
  const added = tags.map(([signature, element]) => {
    const entry = Buffer.alloc(12);
    entry.write(signature, "latin1");
    entry.writeUInt32BE(place, 4);
    entry.writeUInt32BE(element.length, 8);
    const padded = Buffer.concat([element, Buffer.alloc(-element.length & 3)]);
    bytes.push(padded);
    place += padded.length;
    return entry;
  });
  const head = Buffer.from(profile.subarray(0, 132));
  head.writeUInt32BE(place, 0);
  head.writeUInt32BE(count + tags.length, 128);
  // It says nothing of its digest.
  head.fill(0, 84, 100);
  return Buffer.concat([head, ...added, entries, profile.subarray(132 + count * 12), ...bytes]);
}

/** The signatures of a profile's tags. */
export const tagsOf = (profile: Buffer): readonly string[] =>
  Array.from({ length: profile.readUInt32BE(128) }, (_, index) =>
    profile.toString("latin1", 132 + index * 12, 136 + index * 12),
  );
