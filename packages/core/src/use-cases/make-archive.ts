import { type ArchivePart, archiveLifetimeMs, maxFailedPackings } from "../archives/archive.ts";
import { cutParts } from "../archives/cut-parts.ts";
import type { Principal } from "../policy/principal.ts";
import type { ArchiveResult, ArchiveTask } from "../ports/archive-commands.ts";
import type { ArchiveWriter } from "../ports/archive-writer.ts";
import { MetadataUnavailableError } from "../ports/metadata-store.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { PrincipalRecord } from "../principal.ts";
import { describeAccount } from "./describe-account.ts";
import { isOutage } from "./is-outage.ts";
import { packPart } from "./pack-part.ts";
import { type PlanPorts, planArchive } from "./plan-archive.ts";
import type { StreamingSha256 } from "./read-whole-object.ts";

/** What a worker needs to make archives. */
export interface ArchivePorts extends PlanPorts {
  readonly objects: ObjectStore;
  readonly archives: ArchiveWriter;
  newSha256(): StreamingSha256;
  /** Of everything in one archive that names files; 0 = none. Of one's own account there is no such bound but one's quota. */
  readonly maxArchiveBytes: number;
}

export type PackOutcome =
  | { readonly outcome: "made"; readonly parts: number; readonly sizeBytes: number }
  | { readonly outcome: "failed" }
  /** Others' files are being made what they are to whoever asked. */
  | { readonly outcome: "waiting" }
  /** Another worker has it, or it has ended: what was done here changes nothing. */
  | { readonly outcome: "stale" }
  /** Given back, to be claimed again after a while. */
  | { readonly outcome: "postponed"; readonly cause: unknown };

/** So long what others' files are to somebody is waited for; what is not there then is left out. */
const longestWaitMs = 6 * 3600 * 1000;

const longestRetryMs = 60_000;

/** The claim was lost while it was packed. */
export class ArchiveLostError extends Error {
  override readonly name = "ArchiveLostError";
}

/**
 * Makes an archive that was just claimed: decides what may be in it, streams that from the store into the store, part by part, and
 * has it given out if the claim is still held.
 *
 * @param task as `claimArchive` answered it
 * @param signal aborted where the claim is lost or the worker stops
 */
export async function makeArchive(
  ports: ArchivePorts,
  task: ArchiveTask,
  signal?: AbortSignal,
): Promise<PackOutcome> {
  const { metadata } = ports;
  const retryInMs = Math.min(longestRetryMs, 1000 * 2 ** Math.min(task.attempt, 10));
  let result: ArchiveResult | "waiting";
  try {
    result = await make(ports, task, signal);
    if (result === "waiting") {
      const held = await metadata.releaseArchive({ ...task, retryInMs, consumed: false });
      return { outcome: held ? "waiting" : "stale" };
    }
  } catch (error) {
    if (error instanceof MetadataUnavailableError) throw error;
    if (error instanceof ArchiveLostError) return { outcome: "stale" };
    const consumed = !isOutage(error) && signal?.aborted !== true;
    const held = await metadata.releaseArchive({ ...task, retryInMs, consumed });
    return held ? { outcome: "postponed", cause: error } : { outcome: "stale" };
  }
  const finished = await metadata.finishArchive({ ...task, result, lifetimeMs: archiveLifetimeMs });
  if (finished === "stale") return { outcome: "stale" };
  if (result.kind === "failed") return { outcome: "failed" };
  const sizeBytes = result.parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  return { outcome: "made", parts: result.parts.length, sizeBytes };
}

const failed = (code: "archive-empty" | "archive-too-large" | "processing-failed", detail: string) =>
  ({ kind: "failed", code, detail }) as const;

async function make(
  ports: ArchivePorts,
  task: ArchiveTask,
  signal: AbortSignal | undefined,
): Promise<ArchiveResult | "waiting"> {
  const { archive, abandoned } = task;
  if (task.failedAttempts > maxFailedPackings)
    return failed("processing-failed", `Making it failed ${task.failedAttempts - 1} times; it was given up.`);
  if (abandoned) await ports.objects.abortMultipartUpload(abandoned);
  const person = await ports.metadata.findPrincipal(archive.ownerId);
  if (!person) return failed("archive-empty", "Whoever asked for it has no account any more.");
  const principal = principalOf(person);
  const waits = ports.clock.nowMs() - archive.createdAtMs < longestWaitMs;
  const { entries, leftOut, mustWait } = await planArchive(ports, principal, archive.request, waits);
  if (mustWait) return "waiting";
  const ofAccount = archive.request.kind === "account";
  if (entries.length === 0 && !ofAccount)
    return failed("archive-empty", "There is nothing in it that you may have.");
  const bytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (!ofAccount && ports.maxArchiveBytes > 0 && bytes > ports.maxArchiveBytes)
    return failed(
      "archive-too-large",
      `It would have ${bytes} bytes, and ${ports.maxArchiveBytes} are the most: ask for fewer files at a time.`,
    );
  const cut = cutParts(entries, leftOut.length * leftOutBytes + (ofAccount ? accountBytes : 0));
  const parts: ArchivePart[] = [];
  for (const [index, of] of (cut.length === 0 ? [[]] : cut).entries()) {
    signal?.throwIfAborted();
    parts.push(
      await packPart(ports, task, {
        number: index + 1,
        count: Math.max(1, cut.length),
        entries: of,
        ...(index === 0 && ofAccount ? { documents: describeAccount(ports.metadata, person) } : {}),
        leftOut: index === 0 ? leftOut : [],
        signal,
      }),
    );
  }
  return { kind: "made", parts, leftOut };
}

/** For what is known of a person, which is not known before it is written: some hundred thousand files' worth. */
const accountBytes = 256 * 1024 ** 2;

/** Of one in the manifest. */
const leftOutBytes = 120;

/** Somebody as they come with a token of their own. */
export const principalOf = ({ id, organisationId }: PrincipalRecord): Principal => ({
  id,
  ...(organisationId === undefined ? {} : { organisationId }),
});
