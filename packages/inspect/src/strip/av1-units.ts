import type { Edit } from "./hevc-units.ts";
import { UnstrippableError } from "./pieces.ts";

/** By `obu_type` (AV1 bitstream specification section 6.2.2). */
const type = { metadata: 5, padding: 15 };

/** Sequence header, temporal delimiter, frame header, tiles, frame, a header that is repeated. */
const kept: ReadonlySet<number> = new Set([1, 2, 3, 4, 6, 7]);

/**
 * What to write over the units (OBUs) of a coded picture, so that no message is left in them: each of metadata becomes padding
 * of the same size.
 *
 * AV1 bitstream specification sections 5.3 to 5.8.
 *
 * @throws UnstrippableError where it holds units of a kind that is not known
 */
export function quietAv1Units(bytes: Buffer): Edit[] {
  const edits: Edit[] = [];
  for (let at = 0; at < bytes.length; ) {
    const header = bytes[at] ?? 0;
    const kind = (header >> 3) & 15;
    if ((header & 0x81) !== 0) throw new UnstrippableError("A unit of a picture is damaged.");
    const sizeAt = at + ((header & 4) === 0 ? 1 : 2);
    const { value, to: from } =
      (header & 2) === 0 ? { value: bytes.length - sizeAt, to: sizeAt } : leb128(bytes, sizeAt);
    const end = from + value;
    if (end > bytes.length) throw new UnstrippableError("A unit of a picture is cut.");
    if (kind === type.metadata || kind === type.padding) {
      const padding = Buffer.alloc(end - at);
      bytes.copy(padding, 0, at, from);
      padding[0] = (header & ~(15 << 3)) | (type.padding << 3);
      // Its trailing bit, where it has any byte.
      if (end > from) padding[padding.length - 1] = 0x80;
      edits.push({ at, bytes: padding });
    } else if (!kept.has(kind)) throw new UnstrippableError(`A picture holds a unit of type ${kind}.`);
    at = end;
  }
  return edits;
}

function leb128(bytes: Buffer, from: number): { readonly value: number; readonly to: number } {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes[from + index];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, to: from + index + 1 };
  }
  throw new UnstrippableError("A unit of a picture is cut.");
}
