import { assertFew, blank, type Patch } from "./blank.ts";
import type { ByteSource } from "./iso-boxes.ts";
import { UnstrippableError } from "./pieces.ts";

// AV1 Bitstream & Decoding Process Specification, sections 5.3 and 6.2.

/** Sequence header, temporal delimiter, frame header, tile group, frame, redundant frame header. */
const keptUnits: ReadonlySet<number> = new Set([1, 2, 3, 4, 6, 7]);
const metadataUnit = 5;
/** Light levels, mastering display, scalability, time codes; not what anybody registers with ITU-T T.35 (4) or makes up. */
const keptMetadata: ReadonlySet<number> = new Set([1, 2, 3, 5]);
/** What every decoder passes over. */
const paddingUnit = 15;

/**
 * Patches over what of a sample of AV1 is not needed to show it: metadata of other kinds than are known here, and whatever unit is of no known kind,
 * become padding of the same size.
 *
 * @throws UnstrippableError where the units are not as long as the sample
 */
export async function stripOpenBitstreamUnits(
  source: ByteSource,
  from: number,
  to: number,
  patches: Patch[],
): Promise<void> {
  for (let at = from; at < to; ) {
    const head = await source.read(at, Math.min(to, at + maxHeadBytes));
    const first = head[0] ?? 0;
    const type = (first >> 3) & 15;
    const hasExtension = (first & 4) !== 0;
    let contentFrom = at + (hasExtension ? 2 : 1);
    let end = to;
    if ((first & 2) !== 0) {
      const { value, sizeBytes } = readLeb128(head, contentFrom - at);
      contentFrom += sizeBytes;
      end = contentFrom + value;
    }
    if (contentFrom > to || end > to || (first & 0x80) !== 0)
      throw new UnstrippableError("A picture is cut.");
    const isKept =
      keptUnits.has(type) ||
      (type === metadataUnit &&
        end > contentFrom &&
        keptMetadata.has(
          readLeb128(await source.read(contentFrom, Math.min(end, contentFrom + 8)), 0).value,
        ));
    if (!isKept) {
      patches.push({ from: at, bytes: Buffer.of((first & 0x87) | (paddingUnit << 3)) });
      patches.push(...blank(contentFrom, end - 1));
      // Its last one is what it ends with (section 5.3.4).
      if (end > contentFrom) patches.push({ from: end - 1, bytes: Buffer.of(0x80) });
      assertFew(patches);
    }
    at = end;
  }
}

/** A header, its extension, and a size of up to eight bytes. */
const maxHeadBytes = 10;

/** Seven bits a byte, the lowest first (section 4.10.5). */
function readLeb128(bytes: Buffer, from: number): { readonly value: number; readonly sizeBytes: number } {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes[from + index];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if ((byte & 0x80) === 0) return { value, sizeBytes: index + 1 };
  }
  throw new UnstrippableError("A number of AV1 is cut.");
}
