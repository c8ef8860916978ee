import { createHash } from "node:crypto";
import {
  type ChangeFileRequest,
  changeFileSchema,
  createDownloadsResponseSchema,
  createDownloadsSchema,
  type File,
  fileListSchema,
  fileSchema,
} from "@stowage/protocol";
import { batchReply, jsonReply, problemOf, problemReply, type Reply } from "./scripted-reply.contract.ts";
import type { ScriptedStore } from "./scripted-store.contract.ts";
import type { ScriptedUpload, ScriptedUploads } from "./scripted-uploads.contract.ts";
import { createScriptedVersions } from "./scripted-versions.contract.ts";

const nothingHere = () => problemReply(problemOf("not-found", "There is nothing here."));

/** Of a thumbnail, and the placeholder that came with it. */
export interface DerivedShape {
  readonly width: number;
  readonly height: number;
  readonly thumbhash?: string;
}

/** `/v1/files` and `/v1/downloads` as api.md has them: the files that uploads became. */
export function createScriptedFiles(store: ScriptedStore, uploads: ScriptedUploads) {
  const trashed = new Set<string>();
  const purged = new Set<string>();
  const hidden = new Set<string>();
  const derivativeKeys = new Map<string, string>();
  const shapes = new Map<string, DerivedShape>();
  const versions = createScriptedVersions(uploads);
  const changes = new Map<string, ChangeFileRequest & { readonly revision: number }>();

  const find = (fileId: string | undefined): ScriptedUpload | undefined =>
    [...uploads.all.values()].find(
      (upload) =>
        upload.fileId === fileId &&
        upload.state === "ready" &&
        !upload.intent.replaces &&
        !purged.has(upload.fileId) &&
        !hidden.has(upload.fileId),
    );
  const etagOf = (upload: ScriptedUpload): string =>
    `"r${(changes.get(upload.fileId)?.revision ?? 1) + versions.of(upload).latest - 1}"`;
  const touch = ({ fileId }: ScriptedUpload, more: ChangeFileRequest = {}): void => {
    const before = changes.get(fileId) ?? { revision: 1 };
    changes.set(fileId, { ...before, ...more, revision: before.revision + 1 });
  };
  const present = (first: ScriptedUpload): File => {
    const history = versions.of(first);
    const { number, upload } = history.current;
    const conflicts = history.versions.filter(({ isConflict }) => isConflict).length;
    return { ...presentFirst(first), ...contentOf(upload), version: number, conflicts };
  };
  const contentOf = ({ intent: { contentType, sizeBytes }, sha256 = "" }: ScriptedUpload) => ({
    contentType,
    sizeBytes,
    sha256,
  });
  const presentFirst = ({ fileId, intent, createdAt, sha256 = "" }: ScriptedUpload): File => ({
    id: fileId,
    name: changes.get(fileId)?.name ?? intent.name,
    contentType: intent.contentType,
    sizeBytes: intent.sizeBytes,
    sha256,
    owner: { id: "me" },
    state: trashed.has(fileId) ? "trashed" : "ready",
    visibility: "private",
    conflicts: 0,
    version: 1,
    metadata: changes.get(fileId)?.metadata ?? intent.metadata ?? {},
    createdAt,
    derivatives: derivativeKeys.has(fileId)
      ? [
          {
            name: "thumbnail",
            contentType: "image/webp",
            width: 1,
            height: 1,
            ...shapeOf(fileId),
            sizeBytes: store.objects.get(derivativeKeys.get(fileId) ?? "")?.length ?? 1,
          },
        ]
      : [],
    ...shapes.get(fileId),
    access: { can: ["read"], because: "owner" },
  });

  const shapeOf = (fileId: string) => {
    const { thumbhash, ...shape } = shapes.get(fileId) ?? {};
    return shape;
  };

  const listById = (ids: string, ifNoneMatch: string | undefined): Reply => {
    const items = ids.split(",").flatMap((id) => find(id) ?? []);
    const etag = `"l${createHash("sha256")
      .update(JSON.stringify(items.map(present)))
      .digest("hex")}"`;
    if (ifNoneMatch === etag) return { status: 304, headers: { etag }, body: "" };
    return jsonReply(200, fileListSchema, { items: items.map(present), nextCursor: null }, { etag });
  };

  const list = (url: URL, ifNoneMatch: string | undefined): Reply => {
    const ids = url.searchParams.get("ids");
    if (ids !== null) return listById(ids, ifNoneMatch);
    const { scope, sort, type, q, limit = 50, cursor = 0, ...more } = Object.fromEntries(url.searchParams);
    const [pair] = Object.entries(more);
    const from = Number(cursor);
    const all = [...uploads.all.values()]
      .filter(
        (upload) =>
          find(upload.fileId) && (scope ?? "own") === (trashed.has(upload.fileId) ? "trash" : "own"),
      )
      .reverse()
      .map(present)
      .filter(
        ({ contentType, name, metadata }) =>
          (!type || contentType.startsWith(type)) &&
          (!q ||
            name
              .toLowerCase()
              .split(/\W+/)
              .some((word) => word.startsWith(q))) &&
          (!pair || metadata[pair[0].replace("metadata.", "")] === pair[1]),
      );
    if (sort === "name") all.sort((one, other) => (one.name < other.name ? -1 : 1));
    return jsonReply(200, fileListSchema, {
      items: all.slice(from, from + Number(limit)),
      nextCursor: from + Number(limit) < all.length ? String(from + Number(limit)) : null,
    });
  };

  /** `undefined` where the change may be made. */
  const refusal = (upload: ScriptedUpload, ifMatch: string | undefined): Reply | undefined => {
    if (ifMatch === undefined)
      return problemReply(problemOf("precondition-required", "If-Match is missing."));
    return ifMatch === etagOf(upload)
      ? undefined
      : problemReply(problemOf("precondition-failed", "It has changed."));
  };
  const changed = (upload: ScriptedUpload): Reply =>
    jsonReply(200, fileSchema, present(upload), { etag: etagOf(upload) });

  const remove = (upload: ScriptedUpload, url: URL): Reply => {
    if (url.searchParams.get("permanent") === "true") {
      purged.add(upload.fileId);
      return { status: 204, body: "" };
    }
    trashed.add(upload.fileId);
    touch(upload);
    return changed(upload);
  };
  const restore = (upload: ScriptedUpload): Reply => {
    if (!trashed.has(upload.fileId)) return problemReply(problemOf("file-not-trashed", "It is not in it."));
    trashed.delete(upload.fileId);
    touch(upload);
    return changed(upload);
  };
  const update = (upload: ScriptedUpload, body: unknown): Reply => {
    if (trashed.has(upload.fileId)) return problemReply(problemOf("file-not-ready", "It is in the trash."));
    touch(upload, changeFileSchema.parse(body));
    return changed(upload);
  };

  const download = (body: unknown): Reply => {
    const items = createDownloadsSchema.parse(body).files.map(({ id, version, derivative = "original" }) => {
      const first = find(id);
      const history = first && versions.of(first);
      const asked = history?.versions.find(({ number }) => number === (version ?? history.current.number));
      const key = derivative === "original" ? asked?.upload.key : derivativeKeys.get(id);
      return key === undefined || trashed.has(id)
        ? { id, problem: problemOf("not-found", "There is nothing here.") }
        : { id, request: store.presignGet(key) };
    });
    return batchReply(200, createDownloadsResponseSchema, items);
  };

  const answerVersions = (
    upload: ScriptedUpload,
    asked: {
      readonly method: string;
      readonly url: URL;
      readonly number: string | undefined;
      readonly more: string | undefined;
      readonly ifMatch: string | undefined;
    },
  ): Reply | undefined => {
    const history = versions.of(upload);
    const route = [asked.method, asked.more].filter(Boolean).join(" ");
    if (asked.number === undefined) return route === "GET" ? versions.list(history, asked.url) : undefined;
    if (route !== "POST restore" && route !== "DELETE") return undefined;
    const version = history.versions.find((each) => String(each.number) === asked.number);
    if (!version) return nothingHere();
    const refused = refusal(upload, asked.ifMatch);
    if (refused) return refused;
    if (trashed.has(upload.fileId)) return problemReply(problemOf("file-not-ready", "It is in the trash."));
    if (route === "POST restore") versions.choose(history, version);
    else if (history.current === version)
      return problemReply(problemOf("version-current", "It is the current version."));
    else versions.drop(history, version);
    touch(upload);
    return changed(upload);
  };

  return {
    /** Gives a file a thumbnail. */
    derive(fileId: string, bytes: Buffer, shape?: DerivedShape): void {
      const key = `files/${fileId}-thumbnail`;
      store.objects.set(key, bytes);
      derivativeKeys.set(fileId, key);
      if (shape) shapes.set(fileId, shape);
    },
    /** As of who has no right to see it (any more). */
    hide(fileId: string): void {
      hidden.add(fileId);
    },
    /** `undefined` where there is no such route. */
    answer(
      method: string,
      url: URL,
      body: unknown,
      {
        ifMatch,
        ifNoneMatch,
      }: { readonly ifMatch?: string | undefined; readonly ifNoneMatch?: string | undefined },
    ): Reply | undefined {
      if (`${method} ${url.pathname}` === "POST /v1/downloads") return download(body);
      const [, , resource, id, action, number, more] = url.pathname.split("/");
      if (resource !== "files") return undefined;
      if (id === undefined) return method === "GET" ? list(url, ifNoneMatch) : undefined;
      const upload = find(id);
      if (!upload) return nothingHere();
      const route = [method, action].filter(Boolean).join(" ");
      if (route === "GET") return changed(upload);
      if (action === "versions") return answerVersions(upload, { method, url, number, more, ifMatch });
      if (!["DELETE", "PATCH", "POST restore"].includes(route)) return undefined;
      const refused = refusal(upload, ifMatch);
      if (refused) return refused;
      if (route === "DELETE") return remove(upload, url);
      return route === "PATCH" ? update(upload, body) : restore(upload);
    },
  };
}
