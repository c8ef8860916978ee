import { laterDerivativeKey } from "@stowage/core";
import { digestOf, sha256Of } from "./content.testing.ts";
import {
  type LifecycleModel,
  leaseMs,
  type ModelMake,
  type ModelVersion,
  type Prediction,
  storeCall,
} from "./lifecycle-model.testing.ts";
import { succeeds } from "./predict-sending.testing.ts";
import { derivativeOf, iconName } from "./predict-verification.testing.ts";

const hasIcon = ({ derivatives }: ModelVersion): boolean => derivatives.some(({ name }) => name === iconName);

const find = (model: LifecycleModel, fileId: string, number: number) => {
  const file = model.files.find(({ id, state }) => id === fileId && state === "ready");
  const version = file?.versions.find((each) => each.number === number);
  return file && version ? { file, version } : undefined;
};

/** What an owner is answered who asks for a version's icon. */
export function* predictAsk(model: LifecycleModel, fileId: string, number: number): Prediction<string> {
  const seen = find(model, fileId, number);
  if (seen?.version.content.type !== "image/jpeg") return "not-found";
  if (hasIcon(seen.version)) return "given";
  yield "metadata.askDerivatives";
  const now = find(model, fileId, number);
  if (!now) return "not-found";
  const { file, version } = now;
  if (hasIcon(version)) return "given";
  const make = model.makes.find((each) => each.version === version);
  if (make) return make.state === "failed" ? "not-found" : "derivative-pending";
  model.makes.push({
    fileId,
    owner: file.owner,
    version,
    state: "waiting",
    attempt: 0,
    failedAttempts: 0,
    claimableAtMs: model.databaseMs,
    turn: nextTurn(model, file.owner),
    isHeld: false,
    key: undefined,
  });
  model.note(model.ownerOf(file), "derivative.asked", fileId);
  return "derivative-pending";
}

/** The next that is due and can be made; what it comes by of files that are not ready is dropped. */
function claim(model: LifecycleModel, keyPart: string): ModelMake | undefined {
  for (;;) {
    const [make] = model.makes
      .filter(({ state, claimableAtMs }) => state === "waiting" && claimableAtMs <= model.databaseMs)
      .sort(
        (one, other) =>
          one.turn - other.turn ||
          one.claimableAtMs - other.claimableAtMs ||
          (one.fileId === other.fileId
            ? one.version.number - other.version.number
            : one.fileId < other.fileId
              ? -1
              : 1),
      );
    if (!make) return undefined;
    if (!find(model, make.fileId, make.version.number)) {
      model.dropMake(make);
      continue;
    }
    model.forgetMakeKey(make);
    make.attempt += 1;
    make.failedAttempts += 1;
    make.claimableAtMs = model.databaseMs + leaseMs;
    make.isHeld = true;
    make.key = laterDerivativeKey(make.version.key, {
      attempt: make.attempt,
      keyPart,
      name: iconName,
      page: 0,
    });
    model.claimedTurnOfMakes = Math.max(model.claimedTurnOfMakes, make.turn);
    return make;
  }
}

const maxFailedMakes = 3;
const longestRetryMs = 30_000;

function nextTurn(model: LifecycleModel, owner: 0 | 1): number {
  const waiting = model.makes.filter((each) => each.owner === owner && each.state === "waiting");
  return 1 + Math.max(model.claimedTurnOfMakes, ...waiting.map(({ turn }) => turn));
}

/** Claims what has the lowest turn of what waits to be made, and makes it. */
export function* predictMake(model: LifecycleModel, isAway: boolean): Prediction<string> {
  const { command } = yield "metadata.claimDerivative";
  const make = claim(model, (command as { readonly keyPart: string }).keyPart);
  if (!make?.key) return "idle";
  const { attempt, failedAttempts, key, version, fileId } = make;
  // A version that was purged meanwhile, and asked for anew under the same number, there is none.
  const isHeld = () => model.makes.includes(make) && make.isHeld && make.attempt === attempt;
  const isGivenUp = failedAttempts > maxFailedMakes;
  if (!isGivenUp && !(yield* predictPicture())) {
    yield "metadata.releaseDerivative";
    if (!isHeld()) return "stale";
    model.forgetMakeKey(make);
    make.isHeld = false;
    make.failedAttempts -= 1;
    make.turn = nextTurn(model, make.owner);
    make.claimableAtMs = model.databaseMs + Math.min(longestRetryMs, 1000 * 2 ** Math.min(attempt, 10));
    return "postponed";
  }
  yield "metadata.finishDerivative";
  if (!isHeld()) {
    if (!isGivenUp) yield* storeCall("delete", () => void model.objects.delete(key));
    return "stale";
  }
  make.isHeld = false;
  make.key = undefined;
  if (isGivenUp) {
    make.state = "failed";
    model.doom(key, model.databaseMs);
    model.note("system", "derivative.failed", fileId);
    return "failed";
  }
  model.dropMake(make);
  version.derivatives = [...version.derivatives, { name: iconName, key }];
  model.note("system", "derivative.made", fileId);
  return "made";

  function* predictPicture(): Prediction<boolean> {
    if (isAway) return false;
    const picture = derivativeOf(digestOf(version.content), iconName);
    const made = { sizeBytes: picture.byteLength, sha256: sha256Of(picture) };
    return yield* succeeds(
      storeCall("put", () => void model.objects.set(key, { ...made, bornMs: model.storeMs })),
    );
  }
}
