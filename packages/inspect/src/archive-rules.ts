import type { ActiveContent } from "./inspection.ts";

/** What an entry of a ZIP file says of itself (PKWARE APPNOTE 6.3.10, section 4.3.12). */
export interface ArchiveEntry {
  readonly name: string;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  /** 0: as it is; 8: deflated. */
  readonly method: number;
  readonly isEncrypted: boolean;
  /** Of the upper half of its external attributes, where it was written by a Unix: what kind of file it is. */
  readonly unixMode: number;
}

export const archiveLimits = {
  entries: 10_000,
  /** All entries together, unpacked. */
  unpackedBytes: 512 * 1024 * 1024,
  /** How many times as large as it is a file may become, beyond what is small anyway. */
  expansion: 200,
  smallBytes: 16 * 1024 * 1024,
  nameBytes: 1024,
} as const;

const fileKind = 0o170000;
/** None said, a file, a folder; a pipe, which is what `zip` calls what it read from one; and no kind at all, as old Mavens write. */
const harmlessKinds: ReadonlySet<number> = new Set([0, 0o100000, 0o040000, 0o010000, fileKind]);

/** Why an archive with such an entry is not taken, as the end of a sentence; `undefined` where nothing is wrong with it. */
export function faultOfEntry({ name, method, isEncrypted, unixMode }: ArchiveEntry): string | undefined {
  const misnamed = faultOfName(name);
  if (misnamed !== undefined) return misnamed;
  if (Buffer.byteLength(name) > archiveLimits.nameBytes || /\p{Cc}/u.test(name))
    return "a file in it has a name that no system takes";
  if (!harmlessKinds.has(unixMode & fileKind)) return "it has a link or a device in it";
  if (isEncrypted) return "files in it are encrypted, and can't be looked into";
  if (method !== 0 && method !== 8) return "files in it are packed in a way that can't be looked into";
  return undefined;
}

/** As {@link faultOfEntry}, of a name alone. */
export function faultOfName(name: string): string | undefined {
  return isUnsafePath(name)
    ? "a file in it has a name that leads out of the folder it is unpacked into"
    : undefined;
}

function isUnsafePath(name: string): boolean {
  return (
    name === "" ||
    name.startsWith("/") ||
    name.includes("\\") ||
    /^[a-z]:/i.test(name) ||
    name.split("/").includes("..")
  );
}

/** @param entries - so many bytes each, unpacked, of an archive of so many bytes */
export function faultOfSize(
  entries: number,
  unpackedBytes: number,
  archiveBytes: number,
): string | undefined {
  if (entries > archiveLimits.entries)
    return `it has more than ${archiveLimits.entries.toLocaleString("en")} files in it`;
  const most = Math.min(
    archiveLimits.unpackedBytes,
    Math.max(archiveLimits.smallBytes, archiveBytes * archiveLimits.expansion),
  );
  return unpackedBytes > most ? "it would become far too large once it is unpacked" : undefined;
}

const openDocument = /^application\/vnd\.(?:oasis\.opendocument|sun\.xml)\./;
const officeOpenXml = /^application\/vnd\.(?:openxmlformats|ms-|visio)/;

/** What a part of a document of a type is by its name alone. Folders that mean something in one are ordinary in others. */
export function activeByName(name: string, contentType: string): ActiveContent | undefined {
  if (openDocument.test(contentType) && /^(?:Basic|Scripts)\/./.test(name)) return "macros";
  if (/(?:^|\/)vbaProject\.bin$|(?:^|\/)activeX\//i.test(name)) return "macros";
  if (/(?:^|\/)oleObject\d*\.bin$/i.test(name)) return "embedded-files";
  if (officeOpenXml.test(contentType) && /(?:^|\/)(?:embeddings|oleObjects?)\/./i.test(name))
    return "embedded-files";
  return /(?:^|\/)externalLinks\/.+\.xml$/i.test(name) ? "external" : undefined;
}

/** What begins so is an archive or a program of its own. */
const beginnings = [
  "PK\x03\x04",
  "Rar!",
  "7z\xbc\xaf\x27\x1c",
  "\x1f\x8b",
  "\xd0\xcf\x11\xe0",
  "MZ",
  "\x7fELF",
];

export const isFileOfItsOwn = (beginning: string): boolean =>
  beginnings.some((magic) => beginning.startsWith(magic));
