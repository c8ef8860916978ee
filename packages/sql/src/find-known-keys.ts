import type { DerivativeRecord } from "@stowage/core";
import type { CommandContext } from "./commands/context.ts";

/** `files/a/1/original` → `files`, `files/a`, `files/a/1`: one of them is the storage prefix, if it has one. */
const prefixesOf = (key: string): string[] =>
  [...key.matchAll(/\//g)].map(({ index }) => key.slice(0, index));

/** Ids of the store's that a pending multipart, or the part of an archive that is being made, has. */
export function findKnownMultiparts(
  { connection }: CommandContext,
  storeUploadIds: readonly string[],
): Set<string> {
  const rows = connection.all<{ store_upload_id: string }>(
    `SELECT u.store_upload_id FROM json_each(?1) k CROSS JOIN uploads u ON u.store_upload_id = k.value
     WHERE u.state = 'pending'
     UNION ALL
     SELECT a.store_upload_id FROM json_each(?1) k CROSS JOIN archives a ON a.store_upload_id = k.value
     WHERE a.store_upload_id IS NOT NULL`,
    JSON.stringify(storeUploadIds),
  );
  return new Set(rows.map(({ store_upload_id }) => store_upload_id));
}

/**
 * Keys that a row still speaks of, by the indexes on keys and prefixes. Of a file only its own objects: what a late
 * worker wrote beside them is an orphan.
 */
export function findKnownKeys({ connection }: CommandContext, keys: readonly string[]): Set<string> {
  const wanted = JSON.stringify(keys);
  const prefixes = JSON.stringify([...new Set(keys.flatMap(prefixesOf))]);
  const spokenOf = connection.all<{ key: string }>(
    `SELECT d.key FROM json_each(?1) k CROSS JOIN doomed_objects d ON d.key = k.value
     UNION ALL
     SELECT u.landing_key FROM json_each(?1) k CROSS JOIN uploads u
       ON substr(u.landing_key, -12) = substr(k.value, -12) AND u.landing_key = k.value
     WHERE u.state IN ('pending', 'uploaded', 'verifying')
     UNION ALL
     SELECT m.key FROM json_each(?1) k CROSS JOIN derivative_makes m ON m.key = k.value
     UNION ALL
     SELECT m.made_key FROM json_each(?1) k CROSS JOIN derivative_makes m ON m.made_key = k.value`,
    wanted,
  );
  const known = new Set(spokenOf.map(({ key }) => key));
  const uploads = connection.all<{ storage_prefix: string; key: string | null; derivatives: string | null }>(
    `SELECT u.storage_prefix, v.key, v.derivatives FROM json_each(?1) p CROSS JOIN uploads u ON u.storage_prefix = p.value
     CROSS JOIN versions v ON v.file_id = u.file_id AND v.upload_id = u.id WHERE u.state = 'ready'
     UNION ALL
     SELECT u.storage_prefix, NULL, NULL FROM json_each(?1) p CROSS JOIN uploads u
       ON substr(u.storage_prefix, -12) = substr(p.value, -12) AND u.storage_prefix = p.value
     WHERE u.state IN ('pending', 'uploaded', 'verifying')`,
    prefixes,
  );
  const openPrefixes = new Set<string>();
  for (const { storage_prefix, key, derivatives } of uploads) {
    if (key === null || derivatives === null) openPrefixes.add(storage_prefix);
    else
      for (const each of [{ key }, ...(JSON.parse(derivatives) as DerivativeRecord[])]) known.add(each.key);
  }
  const archives = connection.all<{ key_prefix: string; state: string; attempt: number; parts: string }>(
    `SELECT a.key_prefix, a.state, a.attempt, a.parts FROM json_each(?) p CROSS JOIN archives a ON a.key_prefix = p.value`,
    prefixes,
  );
  for (const { key_prefix, state, attempt, parts } of archives) {
    if (state === "waiting") openPrefixes.add(`${key_prefix}/${attempt}`);
    for (const { key } of JSON.parse(parts) as { readonly key: string }[]) known.add(key);
  }
  return new Set(
    keys.filter((key) => known.has(key) || prefixesOf(key).some((prefix) => openPrefixes.has(prefix))),
  );
}
