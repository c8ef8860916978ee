import { blank } from "./blank.ts";
import { type BoxRule, contentOf } from "./box-rules.ts";
import { UnstrippableError } from "./pieces.ts";

/** AAC in MPEG-4's and MPEG-2's kinds, MP3, AC-3 and Enhanced AC-3 (mp4ra.org, object types). */
const kinds: ReadonlySet<number> = new Set([0x40, 0x66, 0x67, 0x68, 0x69, 0x6b, 0xa5, 0xa6]);

// ISO/IEC 14496-1 section 7.2.6.
const stream = 0x03;
const decoder = 0x04;
const decoderSettings = 0x05;
const synchronisation = 0x06;

const maxBytes = 4096;
const maxSettingsBytes = 128;

/**
 * What decodes a stream of MPEG-4 (`esds`): descriptors of other kinds, and what follows the last, are blank.
 *
 * @throws UnstrippableError where it is of a kind that is not looked into
 */
export const stripElementaryStream: BoxRule = async (source, box, patches) => {
  const bytes = await contentOf(source, box, maxBytes);
  const cut = () => new UnstrippableError("A stream's description is cut.");
  const byte = (at: number, end: number): number => {
    const value = at < end ? bytes[at] : undefined;
    if (value === undefined) throw cut();
    return value;
  };
  let kind: number | undefined;
  const walk = (from: number, to: number, isTop: boolean): void => {
    let at = from;
    while (at < to) {
      const tag = byte(at, to);
      let size = 0;
      let sizeBytes = 1;
      for (; ; sizeBytes += 1) {
        const part = byte(at + sizeBytes, to);
        size = size * 128 + (part & 127);
        if (part < 128) break;
        if (sizeBytes === 4) throw cut();
      }
      const start = at + 1 + sizeBytes;
      const end = start + size;
      if (end > to) throw cut();
      if (tag === stream && isTop) {
        const flags = byte(start + 2, end);
        // It lies elsewhere.
        if ((flags & 0x40) !== 0) throw new UnstrippableError("A stream's description names another place.");
        walk(start + 3 + ((flags & 0x80) === 0 ? 0 : 2) + ((flags & 0x20) === 0 ? 0 : 2), end, false);
      } else if (tag === decoder && !isTop) {
        if (kind !== undefined) throw new UnstrippableError("A stream is decoded in two ways.");
        kind = byte(start, end);
        walk(start + 13, end, false);
      } else if (tag === synchronisation)
        patches.push(...blank(box.contentFrom + start + 1, box.contentFrom + end));
      else if (tag === decoderSettings && !isTop) {
        if (size > maxSettingsBytes) throw new UnstrippableError("A stream's settings are too long.");
      } else patches.push(...blank(box.contentFrom + start, box.contentFrom + end));
      at = end;
      if (isTop) break;
    }
    if (isTop) patches.push(...blank(box.contentFrom + at, box.to));
  };
  walk(4, bytes.length, true);
  if (kind === undefined || !kinds.has(kind))
    throw new UnstrippableError("A stream is of a kind that is not looked into.");
};
