import { sha256Of } from "./content.testing.ts";
import {
  type LifecycleModel,
  type ModelUpload,
  type Prediction,
  storeCall,
} from "./lifecycle-model.testing.ts";
import { bytesOfPart, partCountOf, type Seen, see } from "./predict-sending.testing.ts";

export interface Completion {
  /** A state, or why not. */
  readonly said: string;
  /** It was told that its bytes are there. */
  readonly isAcknowledged: boolean;
}

const refuse = (said: string): Completion => ({ said, isAcknowledged: false });
const answer = (upload: Pick<ModelUpload, "state">): Completion =>
  upload.state === "aborted" ? refuse("upload-gone") : { said: upload.state, isAcknowledged: true };

/** The one way in which an upload becomes `uploaded`, whoever noticed. */
export function* predictCompletion(
  model: LifecycleModel,
  upload: ModelUpload,
  actor: string,
  sha256?: string,
  seen: Seen = see(upload),
): Prediction<Completion> {
  if (seen.state === "aborted") return refuse("upload-gone");
  if (sha256 !== undefined && seen.sha256 !== undefined && seen.sha256 !== sha256)
    return refuse("sha256-conflict");
  if (seen.state !== "pending") return answer(seen);
  if (!seen.parts) {
    if (model.objects.get(seen.landingKey)?.sha256 !== seen.sha256) return refuse("bytes-missing");
  } else {
    const isWhole = yield* predictAssembly(model, upload, seen);
    if (!isWhole) return upload.state === "pending" ? refuse("parts-missing") : answer(upload);
  }
  yield "metadata.completeUpload";
  if (upload.state !== "pending") {
    const result = answer(upload);
    if (seen.parts && upload.state === "aborted") {
      yield* storeCall("delete", () => void model.objects.delete(seen.landingKey));
    }
    return result;
  }
  if (upload.landingKey !== seen.landingKey) return yield* predictCompletion(model, upload, actor, sha256);
  if (sha256 !== undefined && upload.sha256 !== undefined && upload.sha256 !== sha256)
    return refuse("sha256-conflict");
  upload.turn = model.nextTurn(upload.owner);
  upload.state = "uploaded";
  upload.sha256 ??= sha256;
  upload.claimableAtMs = model.databaseMs;
  model.note(actor, "upload.completed", upload.id);
  return answer(upload);
}

/** Whether the object of the parts is there in the end, whole. */
function* predictAssembly(model: LifecycleModel, upload: ModelUpload, seen: Seen): Prediction<boolean> {
  const key = seen.landingKey;
  const storeUploadId = seen.parts?.storeUploadId;
  if (storeUploadId === undefined) return false;
  const isWhole = () => model.objects.get(key)?.sizeBytes === upload.content.sizeBytes;
  function* assertWhole(): Prediction<boolean> {
    if (isWhole()) return true;
    if (!model.objects.has(key)) {
      yield "metadata.forgetMultipart";
      const { parts } = upload;
      if (upload.state === "pending" && parts?.storeUploadId === storeUploadId && parts) {
        parts.storeUploadId = undefined;
        model.note("system", "upload.restarted", upload.id);
      }
    }
    return false;
  }
  const numbers = Array.from({ length: partCountOf(upload) }, (_, index) => index + 1);
  for (;;) {
    const stored = model.multiparts.get(storeUploadId);
    if (!stored) return yield* assertWhole();
    const chosen = numbers.map((partNumber) => stored.parts.get(partNumber));
    const areAll = chosen.every(
      (part, index) => part !== undefined && part.sha256 === upload.parts?.declared.get(index + 1),
    );
    if (!areAll) return isWhole();
    const outcome = yield* predictJoin(model, upload, storeUploadId, key, numbers, chosen);
    if (outcome === "changed") continue;
    if (outcome === "missing") return yield* assertWhole();
    if (outcome === "exists") {
      if (!(yield* assertWhole())) return false;
      yield* storeCall("abortMultipartUpload", () => void model.multiparts.delete(storeUploadId));
    }
    return true;
  }
}

function* predictJoin(
  model: LifecycleModel,
  upload: ModelUpload,
  storeUploadId: string,
  key: string,
  numbers: readonly number[],
  chosen: readonly ({ readonly turn: number } | undefined)[],
): Prediction<"completed" | "exists" | "missing" | "changed"> {
  let outcome: "completed" | "exists" | "missing" | "changed" = "completed";
  yield* storeCall("completeMultipartUpload", () => {
    const stored = model.multiparts.get(storeUploadId);
    if (!stored) outcome = "missing";
    else if (model.objects.has(key)) outcome = "exists";
    else if (numbers.some((number, index) => stored.parts.get(number)?.turn !== chosen[index]?.turn))
      outcome = "changed";
    if (outcome !== "completed" || !stored) return;
    const { content } = upload;
    const others = numbers.filter(
      (number) => stored.parts.get(number)?.sha256 !== sha256Of(bytesOfPart(upload, number, false)),
    );
    const partSizeBytes = upload.parts?.partSizeBytes ?? 0;
    model.multiparts.delete(storeUploadId);
    model.objects.set(key, {
      sizeBytes: content.sizeBytes,
      // Of an object that was joined, the store knows no digest of the whole.
      sha256: "",
      bornMs: model.storeMs,
      content: others.length > 0 ? { ...content, others: { partSizeBytes, numbers: others } } : content,
    });
  });
  return outcome;
}
