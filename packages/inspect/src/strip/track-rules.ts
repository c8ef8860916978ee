import { blank } from "./blank.ts";
import { applyRules, type BoxRule, type BoxRules, freed, holds, numbers, rules, table } from "./box-rules.ts";
import { type ByteSource, readBoxes } from "./iso-boxes.ts";
import { UnstrippableError } from "./pieces.ts";

// What of a track a player needs, all the way down (ISO/IEC 14496-12 section 8; QuickTime File Format Specification). Sample descriptions
// (`stsd`) have rules of their own: sample-descriptions.ts.

/** What kind of track it is; what comes after says who made what plays it, and its name. */
const nameless: BoxRule = numbers(12);

/** Where the media are: in this file. An alias to another is a path on somebody's disk. */
const inThisFile: BoxRule = async (source, box, patches) => {
  for (const entry of await readBoxes(source, box.contentFrom + 8, box.to)) {
    const isOwn =
      entry.to - entry.contentFrom >= 4 &&
      ((await source.read(entry.contentFrom, entry.contentFrom + 4))[3] ?? 0) & 1;
    if (!isOwn) throw new UnstrippableError("It lies in more files than one.");
    patches.push(...blank(entry.contentFrom + 4, entry.to));
  }
};

/** Ids of tracks. */
const trackIds: BoxRule = async (_source, box, patches) => {
  const sizeBytes = box.to - box.contentFrom;
  if (sizeBytes % 4 !== 0 || sizeBytes > 64) patches.push(...freed(box));
};

/** Groups of samples of known kinds: where decoding may begin, and how many to decode before (section 10; ISO/IEC 14496-15). */
const groups: ReadonlySet<string> = new Set(["roll", "prol", "rap ", "sync", "tsas", "stsa", "sap "]);
const maxGroupDescriptionBytes = 64;
const grouping: BoxRule = async (source, box, patches) => {
  const head = await source.read(box.contentFrom, Math.min(box.to, box.contentFrom + 8));
  const isKept = groups.has(head.toString("latin1", 4, 8));
  const isShort = box.type === "sbgp" || box.to - box.contentFrom <= maxGroupDescriptionBytes;
  if (!isKept || !isShort) patches.push(...freed(box));
};

const sampleSizes: BoxRule = async (source, box, patches) => {
  const head = await source.read(box.contentFrom, Math.min(box.to, box.contentFrom + 12));
  if (head.length < 12) throw new UnstrippableError(`A ${box.type} is cut.`);
  const bits = box.type === "stz2" ? (head[7] ?? 0) : head.readUInt32BE(4) === 0 ? 32 : 0;
  patches.push(...blank(box.contentFrom + 12 + Math.ceil((head.readUInt32BE(8) * bits) / 8), box.to));
};

/** A table of samples' numbers, each of which is one that the track has; of more of them than it has samples, or of others, nothing is left. */
const sampleNumbers =
  (sampleCount: number, rowBytes = 4): BoxRule =>
  async (source, box, patches) => {
    await table(4, rowBytes)(source, box, patches);
    const count = (await source.read(box.contentFrom, box.contentFrom + 8)).readUInt32BE(4);
    const from = box.contentFrom + 8;
    const to = Math.min(box.to, from + count * rowBytes);
    if (count <= sampleCount && (await areWithin(source, from, to, sampleCount))) return;
    if (box.type === "stss") throw new UnstrippableError("A track names samples that it does not have.");
    patches.push(...freed(box));
  };

/** Kept if it is as long as that; else it is free. */
const exactly =
  (sizeBytes: number): BoxRule =>
  async (_source, box, patches) => {
    if (box.to - box.contentFrom !== sizeBytes) patches.push(...freed(box));
  };

const rowsBytes = 64 * 1024;

/** Whether numbers of four bytes are all from 1 to another. */
async function areWithin(source: ByteSource, from: number, to: number, most: number): Promise<boolean> {
  for (let at = from; at + 4 <= to; at += rowsBytes) {
    const rows = await source.read(at, Math.min(to, at + rowsBytes));
    for (let row = 0; row + 4 <= rows.length; row += 4) {
      const number = rows.readUInt32BE(row);
      if (number < 1 || number > most) return false;
    }
  }
  return true;
}

const sampleTable =
  (descriptions: BoxRule): BoxRule =>
  async (source, stbl, patches) => {
    const boxes = await readBoxes(source, stbl.contentFrom, stbl.to);
    const sizes = boxes.find(({ type }) => type === "stsz" || type === "stz2");
    const head = sizes && (await source.read(sizes.contentFrom, Math.min(sizes.to, sizes.contentFrom + 12)));
    if (head?.length !== 12) throw new UnstrippableError("A track does not say how many samples it has.");
    await applyRules(source, boxes, inSampleTable(descriptions, head.readUInt32BE(8)), patches);
  };

const inSampleTable = (descriptions: BoxRule, sampleCount: number): BoxRules =>
  rules({
    stsd: descriptions,
    stts: table(4, 8),
    ctts: table(4, 8),
    cslg: numbers(24, 44),
    stsc: table(4, 12),
    stsz: sampleSizes,
    stz2: sampleSizes,
    stco: table(4, 4),
    co64: table(4, 8),
    stss: sampleNumbers(sampleCount),
    stps: sampleNumbers(sampleCount),
    stsh: sampleNumbers(sampleCount, 8),
    // A byte for each sample.
    sdtp: exactly(4 + sampleCount),
    sgpd: grouping,
    sbgp: grouping,
  });

/** What a track holds. */
export const trackRules = (descriptions: BoxRule): BoxRule =>
  holds(
    rules({
      tkhd: numbers(84, 96),
      edts: holds(rules({ elst: table(4, 12, 20) })),
      tref: holds(
        rules({
          tmcd: trackIds,
          sync: trackIds,
          folw: trackIds,
          fall: trackIds,
          vdep: trackIds,
          auxl: trackIds,
        }),
      ),
      tapt: holds(rules({ clef: numbers(12), prof: numbers(12), enof: numbers(12) })),
      load: numbers(16),
      mdia: holds(
        rules({
          mdhd: numbers(24, 36),
          hdlr: nameless,
          minf: holds(
            rules({
              vmhd: numbers(12),
              smhd: numbers(8),
              nmhd: numbers(4),
              // Before the name of a font.
              gmhd: holds(rules({ gmin: numbers(16), tmcd: holds(rules({ tcmi: numbers(24) })) })),
              hdlr: nameless,
              dinf: holds(rules({ dref: inThisFile })),
              stbl: sampleTable(descriptions),
            }),
          ),
        }),
      ),
    }),
  );

const maxBrands = 16;

/** Kinds of files that it is, four letters or digits each, and a number; what else stands there, and what there are too many of, is blank. */
export const brands: BoxRule = async (source, { contentFrom, to }, patches) => {
  const bytes = await source.read(contentFrom, Math.min(to, contentFrom + 8 + 4 * maxBrands));
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const isBrand = /^[A-Za-z0-9 ]{4}$/.test(bytes.toString("latin1", at, at + 4));
    if (at === 0 && !isBrand) throw new UnstrippableError("It is of a kind that is none.");
    if (at !== 4 && !isBrand) patches.push(...blank(contentFrom + at, contentFrom + at + 4));
  }
  patches.push(...blank(contentFrom + (bytes.length & ~3), to));
};
