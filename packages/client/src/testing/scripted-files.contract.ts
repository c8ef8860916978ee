import {
  createDownloadsResponseSchema,
  createDownloadsSchema,
  type File,
  fileListSchema,
  fileSchema,
} from "@stowage/protocol";
import { batchReply, jsonReply, problemOf, problemReply, type Reply } from "./scripted-reply.contract.ts";
import type { ScriptedStore } from "./scripted-store.contract.ts";
import type { ScriptedUpload, ScriptedUploads } from "./scripted-uploads.contract.ts";

const nothingHere = () => problemReply(problemOf("not-found", "There is nothing here."));

/** `/v1/files` and `/v1/downloads` as api.md has them: the files that uploads became. */
export function createScriptedFiles(store: ScriptedStore, uploads: ScriptedUploads) {
  const trashed = new Set<string>();
  const purged = new Set<string>();
  const derivativeKeys = new Map<string, string>();

  const find = (fileId: string | undefined): ScriptedUpload | undefined =>
    [...uploads.all.values()].find(
      (upload) => upload.fileId === fileId && upload.state === "ready" && !purged.has(upload.fileId),
    );
  const etagOf = ({ fileId }: ScriptedUpload): string => (trashed.has(fileId) ? '"r2"' : '"r1"');
  const present = ({ fileId, intent, createdAt, sha256 = "" }: ScriptedUpload): File => ({
    id: fileId,
    name: intent.name,
    contentType: intent.contentType,
    sizeBytes: intent.sizeBytes,
    sha256,
    owner: { id: "me" },
    state: trashed.has(fileId) ? "trashed" : "ready",
    visibility: "private",
    version: 1,
    metadata: intent.metadata ?? {},
    createdAt,
    derivatives: derivativeKeys.has(fileId)
      ? [{ name: "thumbnail", contentType: "image/webp", width: 1, height: 1, sizeBytes: 1 }]
      : [],
    access: { can: ["read"], because: "owner" },
  });

  const list = (url: URL): Reply => {
    const inTrash = url.searchParams.get("scope") === "trash";
    const limit = Number(url.searchParams.get("limit") ?? 50);
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const all = [...uploads.all.values()]
      .filter((upload) => find(upload.fileId) && trashed.has(upload.fileId) === inTrash)
      .reverse();
    return jsonReply(200, fileListSchema, {
      items: all.slice(from, from + limit).map(present),
      nextCursor: from + limit < all.length ? String(from + limit) : null,
    });
  };

  const remove = (upload: ScriptedUpload, url: URL, ifMatch: string | undefined): Reply => {
    if (ifMatch === undefined)
      return problemReply(problemOf("precondition-required", "If-Match is missing."));
    if (ifMatch !== etagOf(upload)) return problemReply(problemOf("precondition-failed", "It has changed."));
    if (url.searchParams.get("permanent") === "true") {
      purged.add(upload.fileId);
      return { status: 204, body: "" };
    }
    trashed.add(upload.fileId);
    return jsonReply(200, fileSchema, present(upload), { etag: etagOf(upload) });
  };

  const download = (body: unknown): Reply => {
    const items = createDownloadsSchema.parse(body).files.map(({ id, derivative = "original" }) => {
      const upload = find(id);
      const key = derivative === "original" ? upload?.key : derivativeKeys.get(id);
      return key === undefined || trashed.has(id)
        ? { id, problem: problemOf("not-found", "There is nothing here.") }
        : { id, request: store.presignGet(key) };
    });
    return batchReply(200, createDownloadsResponseSchema, items);
  };

  return {
    /** Gives a file a thumbnail. */
    derive(fileId: string, bytes: Buffer): void {
      const key = `files/${fileId}-thumbnail`;
      store.objects.set(key, bytes);
      derivativeKeys.set(fileId, key);
    },
    /** `undefined` where there is no such route. */
    answer(method: string, url: URL, body: unknown, ifMatch: string | undefined): Reply | undefined {
      if (`${method} ${url.pathname}` === "POST /v1/downloads") return download(body);
      const [, , resource, id] = url.pathname.split("/");
      if (resource !== "files") return undefined;
      if (id === undefined) return method === "GET" ? list(url) : undefined;
      const upload = find(id);
      if (!upload) return nothingHere();
      if (method === "GET") return jsonReply(200, fileSchema, present(upload), { etag: etagOf(upload) });
      return method === "DELETE" ? remove(upload, url, ifMatch) : undefined;
    },
  };
}
