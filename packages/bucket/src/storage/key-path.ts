/*
 * Where an object lies. The key is cut into components, all but the last of them directories:
 *
 *   uploads/4f9c…e1   →   d.uploads=2f / d.4f / o.9c…e1
 *   readme            →   o.readme
 *
 * - the first segment with its slash, if a slash is among the first 80 bytes;
 * - then two bytes, so that a million random names spread over some hundred directories;
 * - then the rest, 80 bytes at a time (one file name, escaped, stays under 255 bytes).
 *
 * A slash further on means nothing, so that `a` and `a/b` never collide and no key makes a directory of
 * its own. Everything but [a-z0-9-] is escaped: no `..`, no NUL, no two names that differ in case or in
 * Unicode form only. A walk of the tree in the order of the decoded names, a file before the directory
 * of the same name, is the order of the keys' bytes.
 *
 * Keys are "byte strings" here: one character (U+0000 to U+00FF) for each byte of UTF-8, which
 * JavaScript compares as S3 orders keys.
 */
const componentBytes = 80;
const fanOutBytes = 2;

export const toByteString = (key: string): string => Buffer.from(key, "utf8").toString("latin1");
export const fromByteString = (bytes: string): string => Buffer.from(bytes, "latin1").toString("utf8");

const escapeByte = (byte: string): string => `=${byte.charCodeAt(0).toString(16).padStart(2, "0")}`;
const encode = (bytes: string): string => bytes.replace(/[^a-z0-9-]/g, escapeByte);

/** The names, from the root of the objects, of the directories and the file of a key (a byte string). */
export function pathComponents(key: string): { directories: string[]; file: string } {
  const pieces: string[] = [];
  let at = 0;
  const take = (bytes: number): void => {
    pieces.push(key.slice(at, at + bytes));
    at += bytes;
  };
  const slash = key.indexOf("/");
  if (slash >= 0 && slash < componentBytes) {
    take(slash + 1);
    take(fanOutBytes);
  }
  while (at < key.length) take(componentBytes);
  const file = `o.${encode(pieces.pop() ?? "")}`;
  return { directories: pieces.map((piece) => `d.${encode(piece)}`), file };
}

/** A name in the tree, read back; `undefined` for one that no key has. */
export function parseName(name: string): { kind: "directory" | "object"; bytes: string } | undefined {
  const match = /^([do])\.((?:[a-z0-9-]|=[0-9a-f]{2})*)$/.exec(name);
  if (!match) return undefined;
  const bytes = (match[2] ?? "").replace(/=(..)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return { kind: match[1] === "d" ? "directory" : "object", bytes };
}
