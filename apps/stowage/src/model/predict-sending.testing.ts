import { isDeepStrictEqual } from "node:util";
import type { CreateUploads, NewUpload, VersionOfFile } from "@stowage/core";
import { bytesOf, type Content, digestOf, otherBytes, sha256Of } from "./content.testing.ts";
import {
  type LifecycleModel,
  MiB,
  type ModelParts,
  type ModelRequest,
  type ModelUpload,
  minuteMs,
  PortFailedError,
  type Prediction,
  storeCall,
  uploadLifetimeMs,
} from "./lifecycle-model.testing.ts";
import { refuseReplacement } from "./predict-versions.testing.ts";

/** What a use case answers, in short, and the requests that it brings. */
export interface Answer {
  readonly said: string;
  readonly requests?: readonly ModelRequest[];
}

/** A row as a process has read it: what happens meanwhile does not change it. */
export type Seen = Readonly<Omit<ModelUpload, "parts">> & {
  readonly parts: Readonly<ModelParts> | undefined;
};

export const see = (upload: ModelUpload): Seen => ({
  ...upload,
  parts: upload.parts && { ...upload.parts },
});

/** Parts of a film: S3's smallest. */
export const filmPartBytes = 5 * MiB;
const commonPartBytes = 8 * MiB;

const unlessAborted = ({ state }: Pick<ModelUpload, "state">): string =>
  state === "aborted" ? "upload-gone" : state;

/** The one PUT of a pending upload, as it is signed now. */
const putRequest = (
  model: LifecycleModel,
  upload: ModelUpload,
  { state, parts, landingKey }: Seen,
): Answer =>
  state !== "pending" || parts
    ? { said: unlessAborted({ state }) }
    : {
        said: "pending",
        requests: [
          {
            upload,
            key: landingKey,
            sizeBytes: upload.content.sizeBytes,
            sha256: upload.sha256 ?? "",
            signedAtMs: model.nowMs,
          },
        ],
      };

export interface Intent {
  readonly content: Content;
  readonly ref: string | undefined;
  /** Its digest is not said. */
  readonly isSilent: boolean;
  readonly isAllowed: boolean;
  readonly replaces: VersionOfFile | undefined;
}

export function* predictCreate(model: LifecycleModel, owner: 0 | 1, intent: Intent): Prediction<Answer> {
  if (!intent.isAllowed) return { said: "type-not-allowed" };
  const { content, ref, replaces } = intent;
  const refusal = replaces && refuseReplacement(model, owner, replaces);
  if (refusal !== undefined && ref === undefined) return { said: refusal };
  const { command } = yield "metadata.createUploads";
  const item = (command as CreateUploads).items[0] as NewUpload;
  const sha256 = intent.isSilent ? undefined : digestOf(content);
  const same =
    ref === undefined
      ? undefined
      : model.uploads.findLast((each) => each.owner === owner && each.ref === ref);
  if (same && same.state !== "aborted" && same.state !== "rejected") {
    const contradicts = same.sha256 !== undefined && sha256 !== undefined && same.sha256 !== sha256;
    const isOther = !isDeepStrictEqual(same.replaces, replaces);
    if (same.content.sizeBytes !== content.sizeBytes || contradicts || isOther) return { said: "ref-reused" };
    if (same.state === "pending") {
      const learns = same.sha256 === undefined && sha256 !== undefined;
      same.sha256 ??= sha256;
      if (model.extend(same) || learns) model.note(model.ownerOf(same), "upload.reminted", same.id);
    }
    return putRequest(model, same, see(same));
  }
  // What was sent before is answered as it is, whatever has become of the file.
  if (refusal !== undefined) return { said: refusal };
  if (content.sizeBytes > model.freeBytes(owner)) return { said: "quota-exceeded" };
  if (model.counters(owner).openUploads >= model.limits[owner].openUploads)
    return { said: "too-many-open-uploads" };
  const upload: ModelUpload = {
    id: item.id,
    fileId: item.fileId,
    owner,
    ref,
    replaces,
    content,
    storagePrefix: item.storagePrefix,
    landingKey: item.landingKey,
    state: "pending",
    sha256,
    parts: item.multipart && {
      partSizeBytes: item.multipart.partSizeBytes,
      storeUploadId: undefined,
      declared: new Map(),
    },
    wasTurned: false,
    isReserved: true,
    isClaimed: false,
    attempt: 0,
    failedAttempts: 0,
    lostClaims: 0,
    expiresAtMs: 0,
    urlsUntilMs: 0,
    probedAtMs: 0,
    claimableAtMs: 0,
    turn: 0,
    rejection: undefined,
    placed: undefined,
    isAcknowledged: false,
  };
  model.extend(upload);
  model.uploads.push(upload);
  model.note(model.ownerOf(upload), "upload.created", upload.id);
  return putRequest(model, upload, see(upload));
}

export function* predictRemint(model: LifecycleModel, upload: ModelUpload): Prediction<Answer> {
  const seen = see(upload);
  if (seen.state !== "pending") return { said: unlessAborted(seen) };
  const there = seen.parts ? undefined : model.objects.get(seen.landingKey);
  const isWrong = there !== undefined && there.sha256 !== seen.sha256;
  const { command } = yield "metadata.remintUpload";
  if (upload.state !== "pending") return { said: unlessAborted(upload) };
  if (isWrong && !upload.parts) {
    model.doom(upload.landingKey, upload.urlsUntilMs);
    upload.landingKey = (command as { readonly landingKey: string }).landingKey;
  }
  model.extend(upload, seen.parts ? 0 : undefined);
  model.note(model.ownerOf(upload), "upload.reminted", upload.id);
  return putRequest(model, upload, see(upload));
}

export function* predictTurn(model: LifecycleModel, upload: ModelUpload): Prediction<Answer> {
  const seen = see(upload);
  if (seen.state !== "pending") return { said: unlessAborted(seen) };
  if (seen.parts) return yield* predictRemint(model, upload);
  if (upload.content.sizeBytes <= 5 * MiB) return { said: "not-multipart" };
  yield "metadata.turnMultipart";
  if (upload.state !== "pending" || upload.parts) return { said: unlessAborted(upload) };
  model.doom(upload.landingKey, upload.urlsUntilMs + minuteMs);
  upload.parts = { partSizeBytes: commonPartBytes, storeUploadId: undefined, declared: new Map() };
  upload.landingKey = `${upload.storagePrefix}/0/original`;
  upload.expiresAtMs = model.databaseMs + uploadLifetimeMs;
  upload.wasTurned = true;
  model.note(model.ownerOf(upload), "upload.in-parts", upload.id);
  yield* predictTombstone(model, seen.landingKey);
  return { said: "pending" };
}

/** SHA-256 of no bytes. */
const emptySha256 = sha256Of(new Uint8Array(0));

/** Whether it is known to be there. */
function* predictTombstone(model: LifecycleModel, key: string): Prediction<boolean> {
  return yield* succeeds(
    storeCall("put", () => {
      if (!model.objects.has(key))
        model.objects.set(key, { sizeBytes: 0, sha256: emptySha256, bornMs: model.storeMs });
    }),
  );
}

/** Whether a call of the store's did not fail. */
export function* succeeds(call: Prediction<void>): Prediction<boolean> {
  try {
    yield* call;
    return true;
  } catch (error) {
    if (error instanceof PortFailedError && error.isOfStore) return false;
    throw error;
  }
}

export const partCountOf = ({ content, parts }: Pick<ModelUpload, "content" | "parts">): number =>
  parts ? Math.ceil(content.sizeBytes / parts.partSizeBytes) : 0;

/** The bytes of a part; `isOther`: as many that are not the file's. */
export function bytesOfPart(
  { content, parts }: Pick<ModelUpload, "content" | "parts">,
  partNumber: number,
  isOther: boolean,
): Buffer {
  const partSizeBytes = parts?.partSizeBytes ?? 0;
  const start = (partNumber - 1) * partSizeBytes;
  const bytes = bytesOf(content).subarray(start, start + partSizeBytes);
  return isOther ? otherBytes(bytes.byteLength) : bytes;
}

export function* predictMintParts(
  model: LifecycleModel,
  upload: ModelUpload,
  partNumbers: readonly number[],
  isOther: boolean,
): Prediction<Answer> {
  let seen = see(upload);
  for (;;) {
    if (seen.state !== "pending") return { said: unlessAborted(seen) };
    if (!seen.parts) return { said: "not-multipart" };
    const count = partCountOf(upload);
    if (partNumbers.some((partNumber) => partNumber > count)) return { said: "validation-failed" };
    if (seen.parts.storeUploadId === undefined) {
      seen = yield* predictBegin(model, upload, seen);
      if (seen.state !== "pending") return { said: unlessAborted(seen) };
    }
    yield "metadata.mintParts";
    const { parts } = upload;
    const storeUploadId = parts?.storeUploadId;
    if (upload.state === "pending" && parts && storeUploadId !== undefined) {
      model.extend(upload);
      model.note(model.ownerOf(upload), "upload.parts-minted", upload.id);
      const requests = partNumbers.map((partNumber) => {
        const bytes = bytesOfPart(upload, partNumber, isOther);
        const sha256 = sha256Of(bytes);
        parts.declared.set(partNumber, sha256);
        return {
          upload,
          key: upload.landingKey,
          sizeBytes: bytes.byteLength,
          sha256,
          signedAtMs: model.nowMs,
          part: { storeUploadId, partNumber, isOther },
        };
      });
      return { said: "pending", requests };
    }
    seen = see(upload);
  }
}

function* predictBegin(model: LifecycleModel, upload: ModelUpload, { landingKey }: Seen): Prediction<Seen> {
  let storeUploadId = "";
  yield* storeCall("createMultipartUpload", ({ answer }) => {
    storeUploadId = String(answer);
    model.multiparts.set(storeUploadId, { key: landingKey, bornMs: model.storeMs, parts: new Map() });
  });
  yield "metadata.beginMultipart";
  const { parts } = upload;
  const seen = see(upload);
  if (upload.state === "pending" && parts && parts.storeUploadId === undefined) {
    parts.storeUploadId = storeUploadId;
    model.note(model.ownerOf(upload), "upload.begun", upload.id);
    return see(upload);
  }
  yield* storeCall("abortMultipartUpload", () => void model.multiparts.delete(storeUploadId));
  return seen;
}

export function* predictAbort(model: LifecycleModel, upload: ModelUpload): Prediction<Answer> {
  const seen = see(upload);
  if (seen.state === "aborted") return { said: "aborted" };
  yield "metadata.abortUpload";
  if (upload.state === "aborted") return { said: "aborted" };
  if (upload.state !== "pending") return { said: "upload-not-pending" };
  model.abort(upload, model.ownerOf(upload));
  yield* predictClosing(model, upload);
  return { said: "aborted" };
}

/** Makes an aborted upload's URLs worth nothing, and frees what it reserves. */
export function* predictClosing(model: LifecycleModel, upload: ModelUpload): Prediction<void> {
  const isClosed = (yield* predictEndOfUrls(model, upload)) && !upload.wasTurned;
  if (!isClosed) return;
  yield "metadata.releaseReservation";
  upload.isReserved = false;
}

/** Whether the store was told of an abort. */
export const predictEndOfUrls = (model: LifecycleModel, upload: ModelUpload): Prediction<boolean> =>
  upload.parts ? predictAbortOfParts(model, upload) : predictTombstone(model, upload.landingKey);

/** Whether its part URLs are dead. */
export function* predictAbortOfParts(model: LifecycleModel, { parts }: ModelUpload): Prediction<boolean> {
  const storeUploadId = parts?.storeUploadId;
  if (storeUploadId === undefined) return true;
  return yield* succeeds(
    storeCall("abortMultipartUpload", () => void model.multiparts.delete(storeUploadId)),
  );
}
