import type { DiskStore } from "../storage/disk-store.ts";
import { ObjectChangedError, type WriteCondition } from "../storage/object-names.ts";
import { notImplemented } from "./exchange.ts";
import { matchesEtag } from "./preconditions.ts";
import { keyTaken } from "./s3-error.ts";

/** `If-Match`: what the key has must be this; with nothing there, NoSuchKey. */
function onlyIf(headers: ReadonlyMap<string, string>): Pick<WriteCondition, "onlyIf"> {
  const ifMatch = headers.get("if-match");
  return ifMatch === undefined ? {} : { onlyIf: (etag) => matchesEtag(ifMatch, etag) };
}

/** S3's conditional writes: `If-None-Match: *`, or `If-Match`. Throws S3Error (NotImplemented) for others. */
export function writeCondition(headers: ReadonlyMap<string, string>): WriteCondition {
  for (const name of ["if-modified-since", "if-unmodified-since"])
    if (headers.has(name)) throw notImplemented(`${name} on a write`);
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== undefined && ifNoneMatch !== "*")
    throw notImplemented("if-none-match other than * on a write");
  if (ifNoneMatch !== undefined && headers.has("if-match"))
    throw notImplemented("if-match and if-none-match on one write");
  return { onlyIfAbsent: ifNoneMatch === "*", ...onlyIf(headers) };
}

/** S3's conditional deletes: `If-Match`. Throws S3Error (NotImplemented) for others. */
export function removeCondition(headers: ReadonlyMap<string, string>): Pick<WriteCondition, "onlyIf"> {
  for (const name of ["if-none-match", "if-modified-since", "if-unmodified-since"])
    if (headers.has(name)) throw notImplemented(`${name} on a delete`);
  return onlyIf(headers);
}

/** Spares the client a body that would be refused after it; what decides is the publication. */
export async function refuseEarly(
  store: DiskStore,
  key: string,
  { onlyIfAbsent, onlyIf: accepts }: WriteCondition,
): Promise<void> {
  if (onlyIfAbsent && (await store.exists(key))) throw keyTaken();
  if (!accepts) return;
  const current = await store.metadataOf(key);
  if (!current || !accepts(current.etag, current.createdAtMs))
    throw new ObjectChangedError(current === undefined);
}
