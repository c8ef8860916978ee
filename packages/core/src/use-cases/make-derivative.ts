import { madeAsOf, orderDerivatives } from "../derivative-order.ts";
import type { DerivativeRecord, FileVersionRecord, Rendition } from "../file.ts";
import { maxFailedMakes, maxPutBytes, maxUrlLifetimeSeconds } from "../limits.ts";
import type { DerivativeResult, DerivativeTask } from "../ports/derivative-commands.ts";
import type { DerivativeOrder, Inspection } from "../ports/inspector.ts";
import { MetadataUnavailableError } from "../ports/metadata-store.ts";
import { knownRendition, renditionMadeAs, renditionName } from "../rendition.ts";
import { isOutage } from "./is-outage.ts";
import type { WorkerPorts } from "./process-upload.ts";

export type MakeOutcome =
  | { readonly outcome: DerivativeResult["kind"] }
  /** Another maker has taken it over, or it is not wanted any more: what was done here changes nothing. */
  | { readonly outcome: "stale" }
  /** Given back, to be claimed again after a while. */
  | { readonly outcome: "postponed"; readonly cause: unknown };

/** Longest wait before a derivative that could not be made for an outage is tried again: somebody waits for it. */
const longestRetryMs = 30_000;

/** Wait before one that failed is tried again, and by how much longer it is each time: what ran out of time may again. */
const failedRetryMs = 5_000;
const failedRetryFactor = 6;

/** Nothing that lasts: the decoder ran out of time or memory, or crashed. The file was found sound before. */
class NotMadeThisTimeError extends Error {
  override readonly name = "NotMadeThisTimeError";
}

/** A page that was asked for at the end of a URL's life may be read for a while. */
const readingGraceMs = 60_000;

/**
 * Makes a derivative that was just claimed, from the version's bytes as they were verified, and gives it to the version if the
 * claim is still held. What it wrote in vain it deletes; what it can't, since it dies, is doomed by whoever comes after it.
 *
 * @param task as `claimDerivative` answered it
 * @param signal aborted where the claim is lost or the worker stops
 */
export async function makeDerivative(
  ports: WorkerPorts,
  task: DerivativeTask,
  signal?: AbortSignal,
): Promise<MakeOutcome> {
  const { metadata, objects, clock } = ports;
  let result: DerivativeResult & MadeRendition;
  try {
    result =
      task.failedAttempts > maxFailedMakes
        ? { kind: "failed", detail: `Making it failed ${task.failedAttempts - 1} times; it was given up.` }
        : await make(ports, task, signal);
  } catch (error) {
    if (error instanceof MetadataUnavailableError) throw error;
    const consumed = !isOutage(error) && signal?.aborted !== true;
    const retryInMs = consumed
      ? failedRetryMs * failedRetryFactor ** (task.failedAttempts - 1)
      : Math.min(longestRetryMs, 1000 * 2 ** Math.min(task.attempt, 10));
    const held = await metadata.releaseDerivative({ ...task, retryInMs, consumed });
    return held ? { outcome: "postponed", cause: error } : { outcome: "stale" };
  }
  const replacedNotBeforeMs = clock.nowMs() + maxUrlLifetimeSeconds * 1000 + readingGraceMs;
  const { rendition, ...rest } = result;
  const finished = await metadata.finishDerivative({
    ...task,
    result: rest,
    ...(rendition ? { rendition } : {}),
    replacedNotBeforeMs,
  });
  if (finished === "finished") return { outcome: result.kind };
  if (result.kind === "made") await objects.delete(task.key);
  return { outcome: "stale" };
}

/** What was learnt beside of what others get. */
interface MadeRendition {
  readonly rendition?: Rendition;
}

/** @throws NotMadeThisTimeError */
async function make(
  { metadata, objects, inspector, profiles }: WorkerPorts,
  task: DerivativeTask,
  signal: AbortSignal | undefined,
): Promise<DerivativeResult & MadeRendition> {
  const [[version], file] = await Promise.all([
    metadata.findFileVersions([{ fileId: task.fileId, version: task.version }]),
    metadata.findFile(task.fileId),
  ]);
  if (!version || !file) return { kind: "dropped" };
  if (task.name === renditionName) return makeRendition({ objects, inspector }, task, version, signal);
  const spec = profiles.get(version.profile ?? "default")?.derivatives.find(({ name }) => name === task.name);
  const [order] = orderDerivatives(spec ? [spec] : [], task.page === 0 ? file.metadata : {});
  // Asked for under a configuration, or with metadata, that is another by now.
  if (!order || madeAsOf(order) !== task.madeAs) return { kind: "dropped" };
  const object = await objects.get(version.key, signal ? { signal } : {});
  if (!object) return { kind: "failed", detail: "The storage no longer has the file's bytes." };
  const inspection = await inspector.inspect({
    body: object.body,
    ...verified(version),
    derivatives: [order],
    ...(task.page === 0 ? {} : { page: task.page }),
    ...(signal ? { signal } : {}),
  });
  if (inspection.verdict === "rejected") return refused(inspection);
  const made = inspection.derivatives.find(({ name }) => name === task.name);
  if (!made) {
    const undrawn = inspection.document?.undrawn ?? inspection.video?.undrawn;
    if (undrawn && undrawn !== "no-frame")
      throw new NotMadeThisTimeError(`It could not be drawn: ${undrawn}.`);
    return { kind: "failed", detail: "No picture can be made of it." };
  }
  const { contentType, width, height, bytes, sha256 } = made;
  await objects.put({ key: task.key, body: bytes, contentType, sha256 });
  return { kind: "made", derivative: recordOf(task, order, { contentType, width, height, bytes, sha256 }) };
}

/**
 * What a verdict against a file that was accepted before says of what is made of it.
 *
 * @throws NotMadeThisTimeError
 */
function refused({ code, detail }: Inspection & { readonly verdict: "rejected" }): DerivativeResult {
  if (code === "timeout" || code === "processing-failed") throw new NotMadeThisTimeError(detail);
  return { kind: "failed", detail };
}

/**
 * What others get of it, streamed from the inspector's copy to the store, or where that is the original or nothing, or nobody
 * asked for the bytes, what it would be.
 *
 * @throws NotMadeThisTimeError
 */
async function makeRendition(
  { objects, inspector }: Pick<WorkerPorts, "objects" | "inspector">,
  { key, name, madeAs }: DerivativeTask,
  version: FileVersionRecord,
  signal: AbortSignal | undefined,
): Promise<DerivativeResult & MadeRendition> {
  const object = await objects.get(version.key, signal ? { signal } : {});
  if (!object) return { kind: "failed", detail: "The storage no longer has the file's bytes." };
  const { contentType, width = 0, height = 0 } = version;
  let derivative: DerivativeRecord | undefined;
  const inspection = await inspector.inspect({
    body: object.body,
    ...verified(version),
    derivatives: [],
    takeRendition: async (body) => {
      const { byteLength: sizeBytes, sha256 } = body;
      // The original is given out itself.
      if (madeAs !== renditionMadeAs || sha256 === version.sha256 || sizeBytes > maxPutBytes) return;
      await objects.put({ key, body, contentType, sha256 });
      derivative = { name, key, contentType, width, height, sizeBytes, sha256, madeAs };
    },
    ...(signal ? { signal } : {}),
  });
  if (inspection.verdict === "rejected") return refused(inspection);
  const rendition = knownRendition(inspection);
  if (!rendition)
    throw new NotMadeThisTimeError(
      "What others get of it was not worked out to the end, or by older strippers.",
    );
  if (derivative) return { kind: "made", derivative, rendition };
  if (rendition.kind !== "stripped" || madeAs !== renditionMadeAs) return { kind: "dropped", rendition };
  return { kind: "failed", detail: "What others get of it is too large to be made.", rendition };
}

const verified = ({ contentType, sizeBytes, sha256 }: FileVersionRecord) => ({
  declaredContentType: contentType,
  declaredSizeBytes: sizeBytes,
  declaredSha256: sha256,
  allowedContentTypes: [contentType],
});

const recordOf = (
  { name, key }: DerivativeTask,
  order: DerivativeOrder,
  {
    bytes,
    ...made
  }: Pick<DerivativeRecord, "contentType" | "width" | "height"> & {
    readonly sha256: string;
    readonly bytes: Uint8Array;
  },
): DerivativeRecord => ({ name, key, ...made, sizeBytes: bytes.byteLength, madeAs: madeAsOf(order) });
