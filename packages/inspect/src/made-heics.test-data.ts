// HEIC files put together around one picture: no encoder is at hand wherever tests run.

/**
 * The red, green, blue and grey quarters of `made-images`, 64 × 48 pixels: an HEVC access unit (ITU-T H.265, annex B)
 * encoded by x265.
 */
const hevc = Buffer.from(
  "AAAAAUABDAH//wQIAAADAJ+oAAADAAAeugJAAAAAAUIBAQQIAAADAJ+oAAADAAAeoCCDFlurkyvAW4EBAIIAAAMAAgAAAwAyEAAA" +
    "AAFEAcFzwIkAAAEoAa8L4Cqn//8K0//jy2XtHpcHr1g79B58qd3k+hue7BNZwHb14XMDG6aDUWhydv9Wwkc6/g3+GiP+u9HhPbEg" +
    "AqlShfWwf8LZjCFtW5Ar+OdHlpusZNfQhraghk95dTdv2naPd0w/0q4AoA==",
  "base64",
);

export interface HeicOptions {
  /** What `ispe` says the picture measures. Default: what it does. */
  readonly width?: number;
  readonly height?: number;
  /** Quarter turns against the clock (`irot`). */
  readonly turns?: 0 | 1 | 2 | 3;
  /** As sharp gives it: "Exif\0\0", then a TIFF. */
  readonly exif?: Buffer;
  readonly icc?: Buffer;
  /** How often the same picture is laid side by side (`grid`), in columns and rows. */
  readonly tiles?: readonly [columns: number, rows: number];
  /** Put another item, of these bytes, before the picture, which stays the primary one. */
  readonly before?: Buffer;
  readonly brand?: string;
  readonly compatibleBrands?: readonly string[];
  /** Further items, which refer to the primary picture. */
  readonly beside?: readonly { readonly type: string; readonly data: Buffer; readonly reference: string }[];
  /** What every item is called, and the handler. */
  readonly called?: string;
  /** Further properties of the primary picture, which none must know. */
  readonly properties?: readonly Buffer[];
  /** A unit of HEVC (without its length) before each picture, and among the parameter sets. */
  readonly message?: Buffer;
  /** Bytes of `mdat` that no item has. */
  readonly unclaimed?: Buffer;
  /** Further boxes of `meta`, and of the file. */
  readonly metaBoxes?: readonly Buffer[];
  readonly fileBoxes?: readonly Buffer[];
}

/** ISO/IEC 23008-12, annex B: one HEVC picture, or a grid of it. */
export function heic(options: HeicOptions = {}): Buffer {
  const { width = 64, height = 48, turns = 0, exif, icc, tiles, brand = "heic" } = options;
  const {
    beside = [],
    called = "",
    properties: further = [],
    message,
    metaBoxes = [],
    fileBoxes = [],
  } = options;
  const messages = message ? [message] : [];
  const compatible = options.compatibleBrands ?? ["mif1", brand];
  const ftyp = box("ftyp", Buffer.from([brand, "\0\0\0\0", ...compatible].join(""), "latin1"));
  const items: { readonly type: string; readonly data: Buffer; readonly hidden?: boolean }[] = [];
  if (options.before) items.push({ type: "hvc1", data: options.before });
  const [columns, rows] = tiles ?? [1, 1];
  const pictures = Array.from({ length: columns * rows }, () =>
    items.push({
      type: "hvc1",
      data: lengthPrefixed([...messages, ...pictureUnits]),
      hidden: tiles !== undefined,
    }),
  );
  let [primary = 0] = pictures;
  const references: Buffer[] = [];
  if (tiles) {
    const grid = Buffer.concat([
      Buffer.from([0, 0, rows - 1, columns - 1]),
      u16(columns * 64),
      u16(rows * 48),
    ]);
    primary = items.push({ type: "grid", data: grid });
    references.push(reference("dimg", primary, pictures));
  }
  if (exif) {
    const start = exif.subarray(0, 4).toString("latin1") === "Exif" ? 6 : 0;
    const item = items.push({ type: "Exif", data: Buffer.concat([u32(0), exif.subarray(start)]) });
    references.push(reference("cdsc", item, [primary]));
  }
  for (const { type, data, reference: kind } of beside)
    references.push(reference(kind, items.push({ type, data }), [primary]));
  // Properties, numbered from 1: those of a tile, then those of the whole.
  const whole = tiles ? ([columns * 64, rows * 48] as const) : ([width, height] as const);
  const properties = [
    box("hvcC", decoderConfiguration([...parameterSets, ...messages])),
    fullBox("ispe", 0, u32(tiles ? 64 : width), u32(tiles ? 48 : height)),
    fullBox("ispe", 0, u32(whole[0]), u32(whole[1])),
    box("irot", Buffer.from([turns])),
    ...(icc ? [box("colr", Buffer.from("prof"), icc)] : []),
  ];
  const firstFurther = properties.length + 1;
  properties.push(...further);
  const ofWhole = [
    3,
    ...(turns ? [4 | 0x80] : []),
    ...(icc ? [5] : []),
    ...further.map((_, index) => firstFurther + index),
  ];
  const associations = [
    ...(options.before ? [association(1, [1 | 0x80, 2])] : []),
    ...pictures.map((picture) => association(picture, [1 | 0x80, ...(tiles ? [2] : ofWhole)])),
    ...(tiles ? [association(primary, ofWhole)] : []),
  ];
  const metaOf = (offset: number): Buffer => {
    let at = offset;
    const extents = items.map(({ data }, index) => {
      const extent = Buffer.concat([u16(index + 1), u16(0), u16(1), u32(at), u32(data.length)]);
      at += data.length;
      return extent;
    });
    const infos = items.map(({ type, hidden }, index) =>
      fullBox(
        "infe",
        2 * 2 ** 24 + (hidden ? 1 : 0),
        u16(index + 1),
        u16(0),
        Buffer.from(type),
        Buffer.from(`${called}\0`),
      ),
    );
    return fullBox(
      "meta",
      0,
      fullBox("hdlr", 0, u32(0), Buffer.from("pict"), Buffer.alloc(12), Buffer.from(`${called}\0`)),
      fullBox("pitm", 0, u16(primary)),
      fullBox("iinf", 0, u16(infos.length), ...infos),
      ...(references.length > 0 ? [fullBox("iref", 0, ...references)] : []),
      box("iprp", box("ipco", ...properties), fullBox("ipma", 0, u32(associations.length), ...associations)),
      fullBox("iloc", 0, Buffer.from([0x44, 0x00]), u16(items.length), ...extents),
      ...metaBoxes,
    );
  };
  const mdatAt = ftyp.length + metaOf(0).length + 8;
  const mdat = box("mdat", ...items.map(({ data }) => data), options.unclaimed ?? Buffer.alloc(0));
  return Buffer.concat([ftyp, metaOf(mdatAt), mdat, ...fileBoxes]);
}

const units = splitUnits(hevc);
const unitType = (unit: Buffer): number => ((unit[0] ?? 0) >> 1) & 0x3f;
/** Video, sequence and picture parameter sets. */
const parameterSets = units.filter((unit) => unitType(unit) >= 32 && unitType(unit) <= 34);
const pictureUnits = units.filter((unit) => unitType(unit) < 32);

/** Start codes of three or four bytes. */
function splitUnits(stream: Buffer): Buffer[] {
  const found = stream.toString("hex").split(/(?:00)?000001(?=(?:..)*$)/);
  return found.slice(1).map((unit) => Buffer.from(unit, "hex"));
}

function lengthPrefixed(of: readonly Buffer[]): Buffer {
  return Buffer.concat(of.flatMap((unit) => [u32(unit.length), unit]));
}

/** HEVCDecoderConfigurationRecord, ISO/IEC 14496-15, 8.3.3.1.2. */
function decoderConfiguration(sets: readonly Buffer[]): Buffer {
  const profile = Buffer.from("0104080000009fa8000000001e", "hex").subarray(0, 12);
  return Buffer.concat([
    Buffer.from([1]),
    profile,
    Buffer.from("f000fcfdf8f800000f", "hex"),
    Buffer.from([sets.length]),
    ...sets.map((set) => Buffer.concat([Buffer.from([0x80 | unitType(set)]), u16(1), u16(set.length), set])),
  ]);
}

function reference(type: string, from: number, to: readonly number[]): Buffer {
  return box(type, u16(from), u16(to.length), ...to.map(u16));
}

function association(item: number, indices: readonly number[]): Buffer {
  return Buffer.concat([u16(item), Buffer.from([indices.length, ...indices])]);
}

/** A box of the ISO base media file format (ISO/IEC 14496-12, 4.2). */
export function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, "latin1"), body]);
}

export function fullBox(type: string, versionAndFlags: number, ...content: readonly Buffer[]): Buffer {
  return box(type, u32(versionAndFlags), ...content);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
