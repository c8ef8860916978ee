import { createHash } from "node:crypto";
import {
  type FileAudience,
  type FileRecord,
  type GlassBreakRecord,
  knownRendition,
  type Quarantine,
  reasonInWords,
  type VisibleFile,
} from "@stowage/core";
import type { File, GlassBreak } from "@stowage/protocol";
import { timestamp } from "./upload.ts";
import { presentFacts } from "./version-facts.ts";

/**
 * A file's ETag. For its owner it changes with every change of its row, and with each broken glass that they are told of; for others with what they are told
 * alone: what its owner changes for themselves (albums, metadata) is not theirs to know.
 */
export const etagOf = (seen: VisibleFile): string => (seen.isOwn ? ownersEtagOf(seen) : othersEtagOf(seen));

const ownersEtagOf = ({ file, glassBreaks }: VisibleFile): string =>
  `"r${file.revision}${glassBreaks.length > 0 ? `.${glassBreaks.length}.${glassBreaks[0]?.atMs}` : ""}"`;

const othersEtagOf = (seen: VisibleFile): string =>
  `"o${createHash("sha256")
    .update(JSON.stringify(presentFile(seen)))
    .digest("base64url")
    .slice(0, 22)}"`;

/** For its owner: what was found, and what can be done. */
const presentQuarantine = ({ atMs, version, finding, scanner }: Quarantine): File["quarantine"] => ({
  at: timestamp(atMs),
  detail: `A later scan found malware in version ${version} of this file: ${finding} (${scanner}). Nothing of it is given out; you may delete it for good.`,
});

/** A file as a principal who may read it sees it. */
export function presentFile({ file, isOwn, can, decision, glassBreaks }: VisibleFile): File {
  const { state } = file;
  if (state === "sealed") throw new Error("A sealed file is nobody's to see.");
  return {
    id: file.id,
    name: file.name,
    ...presentFacts(file.current),
    ...(isOwn || file.sharesOriginal ? {} : insteadOfOriginal(file)),
    owner: { id: file.ownerId },
    state,
    visibility: presentAudience(file.audience),
    ...(file.sharesOriginal ? { shareOriginal: true } : {}),
    version: file.version,
    conflicts: isOwn ? file.conflicts : 0,
    metadata: isOwn ? file.metadata : {},
    createdAt: timestamp(file.createdAtMs),
    ...(file.trashedAtMs === undefined ? {} : { trashedAt: timestamp(file.trashedAtMs) }),
    ...(file.quarantine ? { quarantine: presentQuarantine(file.quarantine) } : {}),
    ...(glassBreaks.length > 0 ? { brokenGlass: presentGlassBreaks(glassBreaks) } : {}),
    ...(isOwn && file.albumIds ? { albumIds: [...file.albumIds] } : {}),
    access: { can: [...can], because: reasonInWords(decision.reason, "you") },
  };
}

/** As many as are told of one file, the last ones. */
const toldGlassBreaks = 100;

const presentGlassBreaks = (glassBreaks: VisibleFile["glassBreaks"]): File["brokenGlass"] =>
  glassBreaks.slice(0, toldGlassBreaks).map(presentGlassBreak);

export const presentGlassBreak = ({ userId, atMs, endsAtMs, reason }: GlassBreakRecord): GlassBreak => ({
  at: timestamp(atMs),
  by: userId,
  endsAt: timestamp(endsAtMs),
  reason,
});

const presentAudience = (audience: FileAudience | undefined): File["visibility"] =>
  audience?.kind ?? "private";

/** Of the bytes that others get, or of none. */
function insteadOfOriginal({ current }: FileRecord): Pick<File, "sizeBytes" | "sha256" | "rendition"> {
  const rendition = knownRendition(current);
  if (rendition?.kind === "original") return { rendition: { kind: "original" } };
  if (rendition?.kind !== "stripped")
    return { sizeBytes: undefined, sha256: undefined, rendition: rendition && { kind: "none" } };
  const { sizeBytes, sha256 } = rendition;
  return { sizeBytes, sha256, rendition: { kind: "stripped", sizeBytes, sha256 } };
}
