import { bytesOf, type Content, digestOf, isPoison, sha256Of, typeOf } from "./content.testing.ts";
import {
  type LifecycleModel,
  lateWriterMs,
  type ModelUpload,
  minuteMs,
  type Prediction,
  storeCall,
} from "./lifecycle-model.testing.ts";
import { type Seen, see, succeeds } from "./predict-sending.testing.ts";
import { placeInModel } from "./predict-versions.testing.ts";

/** Names of the derivatives that the model's profile makes of every picture. */
export const derivativeNames = ["thumbnail", "preview"] as const;

/** Made of a picture when somebody asks for it. */
export const iconName = "icon";

/** The bytes of a picture that the model's inspector makes. */
export const derivativeOf = (sha256: string, name: string): Buffer => Buffer.from(`${name} of ${sha256}`);

/** What is ready (and, of what replaces, as what), rejected (and why), postponed, or changed nothing, because another worker has it. */
export type Verdict = string;

/** Claims what waits longest, and verifies it. */
export function* predictWork(model: LifecycleModel, isAway: boolean): Prediction<Verdict> {
  yield "metadata.claimUpload";
  const upload = model.claim();
  return upload ? yield* predictProcessing(model, upload, see(upload), isAway) : "idle";
}

type Result =
  | { readonly ready: true; readonly content: Content }
  | { readonly ready: false; readonly why: string };

function* predictProcessing(
  model: LifecycleModel,
  upload: ModelUpload,
  seen: Seen,
  isAway: boolean,
): Prediction<Verdict> {
  const key = seen.parts
    ? `${seen.storagePrefix}/0/original`
    : `${seen.storagePrefix}/${seen.attempt}/original`;
  const derivativesOf = (attempt: number) =>
    derivativeNames.map((name) => ({ name, key: `${seen.storagePrefix}/${attempt}/d/${name}` }));
  const isGivenUp = seen.failedAttempts > 5 || seen.lostClaims >= 10;
  const result = isGivenUp ? rejected("processing-failed") : yield* predictReading();
  if (typeof result === "string") {
    const retryInMs = Math.min(minuteMs, 1000 * 2 ** Math.min(seen.attempt, 10));
    yield "metadata.releaseClaim";
    return model.postpone(upload, seen.attempt, retryInMs, result === "failed") ? "postponed" : "stale";
  }
  const dooms = doomsOf(result);
  yield "metadata.finishUpload";
  if (!model.holds(upload, seen.attempt)) return "stale";
  upload.isClaimed = false;
  upload.isReserved = false;
  upload.parts?.declared.clear();
  for (const [doomedKey, notBeforeMs] of dooms) model.doom(doomedKey, notBeforeMs);
  if (!result.ready) {
    upload.state = "rejected";
    upload.rejection = result.why;
    model.note("system", "upload.rejected", upload.id);
    return `rejected ${result.why}`;
  }
  const { content } = result;
  upload.state = "ready";
  upload.sha256 = digestOf(content);
  const derivatives = content.type === "image/jpeg" ? derivativesOf(seen.attempt) : [];
  const placement = placeInModel(model, upload, { content, key, derivatives });
  model.note("system", "upload.ready", upload.id);
  return placement === undefined ? "ready" : `ready ${placement}`;

  function* predictReading(): Prediction<Result | "failed" | "outage"> {
    if (!seen.parts) {
      let isThere = false;
      const isDone = yield* succeeds(
        storeCall("copy", () => {
          const landed = model.objects.get(seen.landingKey);
          isThere = landed !== undefined;
          if (landed) model.objects.set(key, landed);
        }),
      );
      if (!isDone) return "outage";
      if (!isThere) return rejected("processing-failed");
    }
    const declared =
      seen.parts && seen.sha256 === undefined ? [...(upload.parts?.declared ?? [])] : undefined;
    const content = model.objects.get(key)?.content;
    if (!content) return rejected("processing-failed");
    if (isAway) return "outage";
    const bytes = bytesOf(content);
    if (isPoison(bytes)) return "failed";
    if (seen.sha256 !== undefined && digestOf(content) !== seen.sha256) return rejected("checksum-mismatch");
    const partSizeBytes = seen.parts?.partSizeBytes ?? 0;
    const isChanged = declared?.some(([partNumber, sha256]) => {
      const start = (partNumber - 1) * partSizeBytes;
      return sha256Of(bytes.subarray(start, start + partSizeBytes)) !== sha256;
    });
    if (isChanged) return rejected("checksum-mismatch");
    if (typeOf(bytes) !== content.type) return rejected("type-mismatch");
    if (content.type === "image/jpeg" && !(yield* predictDerivatives(content))) return "outage";
    return { ready: true, content };
  }

  /** They are put side by side: where one fails, the other is put all the same. */
  function* predictDerivatives(content: Content): Prediction<boolean> {
    let areDone = true;
    for (const derivative of derivativesOf(seen.attempt)) {
      const picture = derivativeOf(digestOf(content), derivative.name);
      const made = { sizeBytes: picture.byteLength, sha256: sha256Of(picture) };
      const isDone = yield* succeeds(
        storeCall("put", () => void model.objects.set(derivative.key, { ...made, bornMs: model.storeMs })),
      );
      areDone &&= isDone;
    }
    return areDone;
  }

  function doomsOf({ ready }: Result): [string, number][] {
    const own = (attempt: number) => [
      ...(seen.parts ? [] : [`${seen.storagePrefix}/${attempt}/original`]),
      ...[...derivativeNames, iconName].map((name) => `${seen.storagePrefix}/${attempt}/d/${name}`),
    ];
    const earlier = Array.from({ length: seen.attempt - 1 }, (_, index) => own(index + 1)).flat();
    const landed: [string, number][] = !seen.parts
      ? [[seen.landingKey, seen.urlsUntilMs + minuteMs]]
      : ready
        ? []
        : [[seen.landingKey, model.nowMs]];
    return [
      ...landed,
      ...earlier.map((each): [string, number] => [each, model.nowMs + lateWriterMs]),
      ...(ready ? [] : own(seen.attempt)).map((each): [string, number] => [each, model.nowMs]),
    ];
  }
}

const rejected = (why: string): Result => ({ ready: false, why });
