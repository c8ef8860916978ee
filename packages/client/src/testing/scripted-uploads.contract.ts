import { createHash, randomUUID } from "node:crypto";
import {
  completeUploadsResponseSchema,
  completeUploadsSchema,
  createUploadsResponseSchema,
  createUploadsSchema,
  type FileIntent,
  mintUrlsResponseSchema,
  mintUrlsSchema,
  type Problem,
  type Rejection,
  type Transfer,
  type Upload,
  uploadListSchema,
  uploadResponseSchema,
  uploadSchema,
} from "@stowage/protocol";
import { createScriptedParts } from "./scripted-parts.contract.ts";
import { batchReply, jsonReply, problemOf, problemReply, type Reply } from "./scripted-reply.contract.ts";
import type { ScriptedStore } from "./scripted-store.contract.ts";

export interface ScriptedUpload {
  readonly id: string;
  readonly fileId: string;
  readonly intent: FileIntent;
  readonly createdAt: string;
  key: string;
  /** Declared, or computed once it is ready. */
  sha256?: string;
  inParts: boolean;
  /** The store's, from the first mint of parts on. */
  multipartId?: string;
  state: Upload["state"];
  rejection?: Rejection;
  /** Asked after since it was completed. */
  polls: number;
  /** How many were ready before it. */
  readyAfter?: number;
}

export interface UploadRules {
  /** Default: all of these. */
  readonly contentTypes?: readonly string[];
  /** Default: none. */
  readonly maxOpenUploads?: number;
  /** Files above this go in parts. Default 20,000,000. */
  readonly singlePutLimitBytes?: number;
  /** Default 8 MiB. */
  readonly partSizeBytes?: number;
  /** How often it is asked after before its verdict is there. Default 1. */
  readonly pollsUntilVerdict?: number;
  /** Default: everything is accepted. */
  readonly verdict?: (bytes: Buffer) => Rejection | undefined;
}

const defaultContentTypes = ["image/jpeg", "image/png", "application/pdf", "video/mp4"];
const open: ReadonlySet<Upload["state"]> = new Set(["pending", "uploaded", "verifying"]);

/** S3's least size of a part. */
const leastTurnedBytes = 5 * 1024 ** 2;

/** `/v1/uploads` as api.md has it, for one person, in memory. */
export function createScriptedUploads(store: ScriptedStore, rules: UploadRules) {
  const {
    contentTypes = defaultContentTypes,
    maxOpenUploads = Number.POSITIVE_INFINITY,
    singlePutLimitBytes = 20_000_000,
    partSizeBytes = 8 * 1024 ** 2,
    pollsUntilVerdict = 1,
    verdict = () => undefined,
  } = rules;
  const uploads = new Map<string, ScriptedUpload>();
  let readyCount = 0;
  const parts = createScriptedParts(store, partSizeBytes);

  const transferOf = (upload: ScriptedUpload): Transfer =>
    upload.inParts
      ? parts.transfer(upload)
      : {
          kind: "put",
          request: store.presignPut(upload.key, { ...upload.intent, sha256: upload.sha256 ?? "" }),
        };

  const present = (upload: ScriptedUpload, withRequest = false): Upload => ({
    id: upload.id,
    ref: upload.intent.ref ?? null,
    fileId: upload.intent.replaces?.fileId ?? upload.fileId,
    ...(upload.intent.replaces && { replaces: upload.intent.replaces }),
    state: upload.state,
    name: upload.intent.name,
    sizeBytes: upload.intent.sizeBytes,
    contentType: upload.intent.contentType,
    ...(upload.sha256 !== undefined && { sha256: upload.sha256 }),
    metadata: upload.intent.metadata ?? {},
    createdAt: upload.createdAt,
    ...(withRequest && upload.state === "pending" && { transfer: transferOf(upload) }),
    ...(upload.rejection && { rejection: upload.rejection }),
  });

  const createOne = (intent: FileIntent): { upload: Upload } | { problem: Problem } => {
    const { ref, sha256 } = intent;
    const inParts = intent.sizeBytes > singlePutLimitBytes;
    if (sha256 === undefined && !inParts)
      return { problem: problemOf("validation-failed", "sha256 is required for a single PUT.") };
    const earlier = [...uploads.values()].find(
      (upload) =>
        ref !== undefined && upload.intent.ref === ref && !["rejected", "aborted"].includes(upload.state),
    );
    if (earlier) {
      const isOther = JSON.stringify(earlier.intent.replaces) !== JSON.stringify(intent.replaces);
      if (isOther || earlier.intent.sizeBytes !== intent.sizeBytes || earlier.intent.sha256 !== sha256)
        return { problem: problemOf("ref-reused", "This ref already names an upload of another file.") };
      return { upload: present(earlier, true) };
    }
    if (!contentTypes.includes(intent.contentType))
      return { problem: problemOf("type-not-allowed", `${intent.contentType} is not taken here.`) };
    if ([...uploads.values()].filter(({ state }) => open.has(state)).length >= maxOpenUploads)
      return { problem: problemOf("too-many-open-uploads", `${maxOpenUploads} uploads may be open.`) };
    const upload: ScriptedUpload = {
      id: randomUUID(),
      fileId: randomUUID(),
      intent,
      inParts,
      ...(sha256 !== undefined && { sha256 }),
      createdAt: new Date().toISOString(),
      key: `${inParts ? "files" : "uploads"}/${randomUUID()}`,
      state: "pending",
      polls: 0,
    };
    uploads.set(upload.id, upload);
    return { upload: present(upload, true) };
  };

  const create = (body: unknown): Reply => {
    const parsed = createUploadsSchema.safeParse(body);
    if (!parsed.success)
      return problemReply(
        problemOf("validation-failed", parsed.error.issues[0]?.message ?? "?", {
          errors: parsed.error.issues.map(({ path, message }) => ({
            pointer: path.map((token) => `/${String(token)}`).join(""),
            detail: message,
          })),
        }),
      );
    const items = parsed.data.files.map((intent) => ({ ref: intent.ref ?? null, ...createOne(intent) }));
    return batchReply(201, createUploadsResponseSchema, items);
  };

  const completeOne = (id: string): { upload: Upload } | { problem: Problem } => {
    const upload = uploads.get(id);
    if (!upload) return { problem: problemOf("not-found", "There is nothing here.") };
    if (upload.state === "aborted") return { problem: problemOf("upload-gone", "It was aborted.") };
    if (upload.state === "pending" && upload.inParts) {
      const problem = parts.complete(upload);
      if (problem) return { problem };
      upload.state = "uploaded";
    }
    if (upload.state === "pending") {
      const bytes = store.objects.get(upload.key);
      if (bytes?.length !== upload.intent.sizeBytes)
        return { problem: problemOf("bytes-missing", "The store has no bytes of this upload yet.") };
      upload.state = "uploaded";
    }
    return { upload: present(upload) };
  };

  const mint = (id: string, body: unknown): Reply => {
    const wanted = mintUrlsSchema.parse(body);
    const upload = uploads.get(id);
    if (!upload) return problemReply(problemOf("not-found", "There is nothing here."));
    if (upload.state === "aborted") return problemReply(problemOf("upload-gone", "It was aborted."));
    if (wanted.as && upload.state === "pending" && !upload.inParts) {
      if (upload.intent.sizeBytes <= leastTurnedBytes)
        return problemReply(problemOf("not-multipart", "It is too small to go in parts."));
      Object.assign(upload, { inParts: true, key: `files/${randomUUID()}` });
    }
    if (wanted.parts && !upload.inParts)
      return problemReply(problemOf("not-multipart", "It goes in a single PUT."));
    const requests = wanted.parts && upload.state === "pending" && parts.mint(upload, wanted.parts);
    if (requests && "code" in requests) return problemReply(requests);
    return jsonReply(200, mintUrlsResponseSchema, {
      upload: present(upload, true),
      ...(requests && { requests }),
    });
  };

  const list = (ids: string | null): Reply => {
    const wanted = ids === null ? [...uploads.keys()].reverse() : ids.split(",");
    if (wanted.length > 200) return problemReply(problemOf("validation-failed", "At most 200 ids."));
    const items = wanted.flatMap((id) => {
      const upload = uploads.get(id);
      if (upload) decideVerdict(upload);
      return upload ? [present(upload)] : [];
    });
    return jsonReply(200, uploadListSchema, { items, nextCursor: null });
  };

  const decideVerdict = (upload: ScriptedUpload): void => {
    if (upload.state !== "uploaded" && upload.state !== "verifying") return;
    upload.polls += 1;
    upload.state = "verifying";
    if (upload.polls < pollsUntilVerdict) return;
    const bytes = store.objects.get(upload.key) ?? Buffer.alloc(0);
    const rejection = verdict(bytes);
    upload.sha256 = createHash("sha256").update(bytes).digest("hex");
    upload.state = rejection ? "rejected" : "ready";
    if (rejection) upload.rejection = rejection;
    else upload.readyAfter = readyCount++;
  };

  return {
    all: uploads,
    /** `undefined` where there is no such route. */
    answer(method: string, url: URL, body: unknown): Reply | undefined {
      const [, , , id, action] = url.pathname.split("/");
      const route = `${method} ${id === undefined ? "" : id === "complete" ? "complete" : action ? `id/${action}` : "id"}`;
      switch (route) {
        case "POST ":
          return create(body);
        case "GET ":
          return list(url.searchParams.get("ids"));
        case "POST complete": {
          const items = completeUploadsSchema
            .parse(body)
            .ids.map((one) => ({ id: one, ...completeOne(one) }));
          return batchReply(202, completeUploadsResponseSchema, items);
        }
        case "POST id/urls":
          return mint(id ?? "", body);
        case "GET id/parts": {
          const upload = uploads.get(id ?? "");
          return upload ? parts.list(upload) : problemReply(problemOf("not-found", "There is nothing here."));
        }
        case "GET id": {
          const upload = uploads.get(id ?? "");
          return upload
            ? jsonReply(200, uploadSchema, present(upload))
            : problemReply(problemOf("not-found", "There is nothing here."));
        }
        case "DELETE id": {
          const upload = uploads.get(id ?? "");
          if (!upload) return problemReply(problemOf("not-found", "There is nothing here."));
          if (upload.state !== "pending" && upload.state !== "aborted")
            return problemReply(problemOf("upload-not-pending", "Delete the file instead."));
          upload.state = "aborted";
          if (upload.multipartId !== undefined) store.multiparts.abort(upload.multipartId);
          return jsonReply(200, uploadResponseSchema, { upload: present(upload) });
        }
        default:
          return undefined;
      }
    },
  };
}

export type ScriptedUploads = ReturnType<typeof createScriptedUploads>;
