import { type FileVersion, fileVersionListSchema } from "@stowage/protocol";
import { jsonReply, type Reply } from "./scripted-reply.contract.ts";
import type { ScriptedUpload, ScriptedUploads } from "./scripted-uploads.contract.ts";

interface ScriptedVersion {
  readonly number: number;
  readonly upload: ScriptedUpload;
  isConflict: boolean;
}

export interface ScriptedHistory {
  current: ScriptedVersion;
  latest: number;
  versions: ScriptedVersion[];
}

/**
 * Histories as api.md has them, of files that are not purged and not in the trash while versions come: what replaces the
 * current version takes its place, what replaces another one is kept as a conflict.
 */
export function createScriptedVersions(uploads: ScriptedUploads) {
  const histories = new Map<string, ScriptedHistory>();
  const placed = new Set<ScriptedUpload>();

  const place = (history: ScriptedHistory, upload: ScriptedUpload): void => {
    placed.add(upload);
    history.latest += 1;
    const isConflict = history.current.number !== upload.intent.replaces?.version;
    const version = { number: history.latest, upload, isConflict };
    history.versions.push(version);
    if (!isConflict) history.current = version;
  };

  /** @param first the upload that the file came by */
  const of = (first: ScriptedUpload): ScriptedHistory => {
    const version: ScriptedVersion = { number: 1, upload: first, isConflict: false };
    const history = histories.get(first.fileId) ?? { current: version, latest: 1, versions: [version] };
    histories.set(first.fileId, history);
    const come = [...uploads.all.values()].filter(
      (upload) =>
        upload.intent.replaces?.fileId === first.fileId && upload.state === "ready" && !placed.has(upload),
    );
    for (const upload of come.sort((one, other) => (one.readyAfter ?? 0) - (other.readyAfter ?? 0)))
      place(history, upload);
    return history;
  };

  const present = (
    { current }: ScriptedHistory,
    { number, upload, isConflict }: ScriptedVersion,
  ): FileVersion => ({
    version: number,
    state: isConflict ? "conflict" : number === current.number ? "current" : "superseded",
    name: upload.intent.name,
    contentType: upload.intent.contentType,
    sizeBytes: upload.intent.sizeBytes,
    sha256: upload.sha256 ?? "",
    createdAt: upload.createdAt,
    uploadId: upload.id,
    derivatives: [],
  });

  return {
    of,
    list(history: ScriptedHistory, url: URL): Reply {
      const limit = Number(url.searchParams.get("limit") ?? 50);
      const from = Number(url.searchParams.get("cursor") ?? 0);
      const all = [...history.versions].sort((one, other) => other.number - one.number);
      return jsonReply(200, fileVersionListSchema, {
        items: all.slice(from, from + limit).map((version) => present(history, version)),
        nextCursor: from + limit < all.length ? String(from + limit) : null,
      });
    },
    choose(history: ScriptedHistory, version: ScriptedVersion): void {
      version.isConflict = false;
      history.current = version;
    },
    drop(history: ScriptedHistory, version: ScriptedVersion): void {
      history.versions = history.versions.filter((each) => each !== version);
    },
  };
}
