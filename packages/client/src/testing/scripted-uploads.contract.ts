import { randomUUID } from "node:crypto";
import {
  completeUploadsResponseSchema,
  completeUploadsSchema,
  createUploadsResponseSchema,
  createUploadsSchema,
  type FileIntent,
  mintUrlsSchema,
  type Problem,
  type Rejection,
  type Upload,
  uploadListSchema,
  uploadResponseSchema,
  uploadSchema,
} from "@stowage/protocol";
import { batchReply, jsonReply, problemOf, problemReply, type Reply } from "./scripted-reply.contract.ts";
import type { ScriptedStore } from "./scripted-store.contract.ts";

export interface ScriptedUpload {
  readonly id: string;
  readonly fileId: string;
  readonly intent: FileIntent & { readonly sha256: string };
  readonly createdAt: string;
  key: string;
  state: Upload["state"];
  rejection?: Rejection;
  /** Asked after since it was completed. */
  polls: number;
}

export interface UploadRules {
  /** Default: all of these. */
  readonly contentTypes?: readonly string[];
  /** Default: none. */
  readonly maxOpenUploads?: number;
  /** How often it is asked after before its verdict is there. Default 1. */
  readonly pollsUntilVerdict?: number;
  /** Default: everything is accepted. */
  readonly verdict?: (bytes: Buffer) => Rejection | undefined;
}

const defaultContentTypes = ["image/jpeg", "image/png", "application/pdf"];
const open: ReadonlySet<Upload["state"]> = new Set(["pending", "uploaded", "verifying"]);

/** `/v1/uploads` as api.md has it, for one person, in memory. */
export function createScriptedUploads(store: ScriptedStore, rules: UploadRules) {
  const {
    contentTypes = defaultContentTypes,
    maxOpenUploads = Number.POSITIVE_INFINITY,
    pollsUntilVerdict = 1,
    verdict = () => undefined,
  } = rules;
  const uploads = new Map<string, ScriptedUpload>();

  const present = (upload: ScriptedUpload, withRequest = false): Upload => ({
    id: upload.id,
    ref: upload.intent.ref ?? null,
    fileId: upload.fileId,
    state: upload.state,
    name: upload.intent.name,
    sizeBytes: upload.intent.sizeBytes,
    contentType: upload.intent.contentType,
    sha256: upload.intent.sha256,
    metadata: upload.intent.metadata ?? {},
    createdAt: upload.createdAt,
    ...(withRequest &&
      upload.state === "pending" && {
        transfer: { kind: "put", request: store.presignPut(upload.key, upload.intent) },
      }),
    ...(upload.rejection && { rejection: upload.rejection }),
  });

  const createOne = (intent: FileIntent): { upload: Upload } | { problem: Problem } => {
    const { ref, sha256 } = intent;
    if (sha256 === undefined)
      return { problem: problemOf("validation-failed", "sha256 is required for a single PUT.") };
    const earlier = [...uploads.values()].find(
      (upload) =>
        ref !== undefined && upload.intent.ref === ref && !["rejected", "aborted"].includes(upload.state),
    );
    if (earlier) {
      if (earlier.intent.sizeBytes !== intent.sizeBytes || earlier.intent.sha256 !== sha256)
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
      intent: { ...intent, sha256 },
      createdAt: new Date().toISOString(),
      key: `uploads/${randomUUID()}`,
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
    if (upload.state === "pending") {
      const bytes = store.objects.get(upload.key);
      if (bytes?.length !== upload.intent.sizeBytes)
        return { problem: problemOf("bytes-missing", "The store has no bytes of this upload yet.") };
      upload.state = "uploaded";
    }
    return { upload: present(upload) };
  };

  const mint = (id: string, body: unknown): Reply => {
    mintUrlsSchema.parse(body);
    const upload = uploads.get(id);
    if (!upload) return problemReply(problemOf("not-found", "There is nothing here."));
    if (upload.state === "aborted") return problemReply(problemOf("upload-gone", "It was aborted."));
    return jsonReply(200, uploadResponseSchema, { upload: present(upload, true) });
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
    const rejection = verdict(store.objects.get(upload.key) ?? Buffer.alloc(0));
    upload.state = rejection ? "rejected" : "ready";
    if (rejection) upload.rejection = rejection;
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
        case "GET id": {
          const upload = uploads.get(id ?? "");
          return upload
            ? jsonReply(200, uploadSchema, present(upload))
            : problemReply(problemOf("not-found", "There is nothing here."));
        }
        case "DELETE id": {
          const upload = uploads.get(id ?? "");
          if (!upload) return problemReply(problemOf("not-found", "There is nothing here."));
          if (upload.state === "pending") upload.state = "aborted";
          return jsonReply(200, uploadResponseSchema, { upload: present(upload) });
        }
        default:
          return undefined;
      }
    },
  };
}

export type ScriptedUploads = ReturnType<typeof createScriptedUploads>;
