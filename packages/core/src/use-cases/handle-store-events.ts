import type { StoreEvent } from "@stowage/protocol";
import { landingPrefix, multipartKey, storagePrefixRoot } from "../keys.ts";
import { StoreUnavailableError } from "../ports/object-store.ts";
import { RefusedError } from "../refusal.ts";
import type { UploadRecord } from "../upload.ts";
import { completeArrived } from "./complete-upload.ts";
import type { ServicePorts } from "./ports.ts";

/** Keys that are looked up together. */
const keysPerRead = 200;

/** Uploads that are completed at the same time. */
const parallelCompletions = 8;

/** Stores differ in whether `s3:` comes before the name. */
const isCreation = (eventName: string): boolean => /^(?:s3:)?ObjectCreated:/.test(eventName);

/** What landing keys are made of (keys.ts): what has another shape is none, and not worth a look. */
const landingKeyPattern = new RegExp(
  `^(?:${landingPrefix}[a-z0-9-]{1,128}|${multipartKey({ storagePrefix: `${storagePrefixRoot}[a-z0-9-]{1,128}` })})$`,
);

/**
 * The landing key that an event speaks of, if it may be one. A store may write keys URL-encoded, with the slash or
 * without, or as they are: landing keys have no character that could be misread.
 */
function landingKeyOf({ s3, eventName }: StoreEvent, bucket: string): string | undefined {
  if (s3.bucket.name !== bucket || !isCreation(eventName)) return undefined;
  const key = s3.object.key.replace(/%2f/gi, "/");
  return landingKeyPattern.test(key) ? key : undefined;
}

/**
 * The store says which objects came: pending uploads among them are completed, as if their clients had said so. The
 * store is asked again, never the event believed. Everything else, what is another bucket's, unknown, or past pending,
 * costs one read for 200 events, and is forgotten. Idempotent.
 *
 * Throws what the ports throw where they are unavailable; the store is to send its events again then.
 *
 * @returns how many uploads became `uploaded`
 */
export async function handleStoreEvents(
  ports: Pick<ServicePorts, "metadata" | "objects" | "clock" | "wakeWorker">,
  bucket: string,
  events: readonly StoreEvent[],
): Promise<number> {
  const keys = [...new Set(events.flatMap((event) => landingKeyOf(event, bucket) ?? []))];
  let completed = 0;
  for (let at = 0; at < keys.length; at += keysPerRead) {
    const uploads = await ports.metadata.findUploadsByLandingKeys(keys.slice(at, at + keysPerRead));
    const pending = uploads.filter(({ state }) => state === "pending");
    for (let next = 0; next < pending.length; next += parallelCompletions) {
      const some = pending.slice(next, next + parallelCompletions);
      const outcomes = await Promise.all(some.map((upload) => completeUnlessRefused(ports, upload)));
      completed += outcomes.filter(Boolean).length;
    }
  }
  return completed;
}

type CompletePorts = Parameters<typeof completeArrived>[0];

async function completeUnlessRefused(ports: CompletePorts, upload: UploadRecord): Promise<boolean> {
  try {
    await completeArrived(ports, upload, "system");
    return true;
  } catch (error) {
    // Its bytes are gone, or are not those that were declared: its client is told so when it asks.
    if (error instanceof RefusedError) return false;
    if (error instanceof StoreUnavailableError && (await failsAlone(ports, upload))) return false;
    throw error;
  }
}

/**
 * Whether the store answers, and yet fails for this upload whenever it is asked: damage, which must not keep the events
 * behind it waiting. The sweeper comes back to it.
 *
 * @throws StoreUnavailableError where the store is away
 */
async function failsAlone(ports: CompletePorts, upload: UploadRecord): Promise<boolean> {
  await ports.objects.list({ prefix: upload.landingKey, limit: 1 });
  try {
    await completeArrived(ports, upload, "system");
    return false;
  } catch (error) {
    return error instanceof StoreUnavailableError;
  }
}
