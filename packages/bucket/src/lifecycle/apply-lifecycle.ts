import type { ObjectEvent } from "../events/object-event.ts";
import type { DiskStore } from "../storage/disk-store.ts";
import { inParallel } from "../storage/in-parallel.ts";
import type { ListedObject } from "../storage/list-stored-objects.ts";
import { NoSuchUploadError } from "../storage/multipart-uploads.ts";
import { ObjectChangedError } from "../storage/object-names.ts";
import type { OpenUpload } from "../storage/open-upload.ts";
import { type CheckedRule, lifeEndsAtMs } from "./lifecycle-rule.ts";

/** What one pass did. */
export interface LifecyclePass {
  readonly expired: number;
  readonly aborted: number;
  /** Whether there are keys, or uploads, that it did not come to. */
  readonly isMore: boolean;
}

export interface LifecyclePlace {
  readonly store: Pick<DiskStore, "list" | "remove" | "uploads">;
  readonly now: () => Date;
  announce(event: ObjectEvent): void;
  /** Told of each thing that could not be removed; it is tried again when its turn comes. */
  onFailure(error: unknown): void;
}

/** Looked at, and removed, by one pass of a rule, so that requests come in between. */
const keysPerPass = 1000;
const parallelRemovals = 4;

/** Does one pass of the rules, each from where its last pass ended. */
export function createLifecycle(
  rules: readonly CheckedRule[],
  place: LifecyclePlace,
  limit = keysPerPass,
): () => Promise<LifecyclePass> {
  /** By rule: the key after which its next pass begins. */
  const places = new Map<CheckedRule, string>();
  const { store, now } = place;

  /** Whether `remove` did it. What goes wrong is one thing's, and no other's. */
  const attempt = async (remove: () => Promise<void>): Promise<boolean> => {
    try {
      await remove();
      return true;
    } catch (error) {
      // Gone, replaced, or complete meanwhile: not what was found to be old.
      if (!(error instanceof ObjectChangedError || error instanceof NoSuchUploadError))
        place.onFailure(error);
      return false;
    }
  };

  const removeAll = async <T>(items: readonly T[], remove: (item: T) => Promise<void>): Promise<number> => {
    let removed = 0;
    await inParallel(items, parallelRemovals, async (item) => {
      if (await attempt(() => remove(item))) removed += 1;
    });
    return removed;
  };

  const expire = async ({ key, etag, modifiedAtMs }: ListedObject): Promise<void> => {
    await store.remove(key, { onlyIf: (tag, createdAtMs) => tag === etag && createdAtMs === modifiedAtMs });
    place.announce({ name: "LifecycleExpiration:Delete", key });
  };

  const expireObjects = async (rule: CheckedRule, days: number): Promise<LifecyclePass> => {
    const after = places.get(rule) ?? "";
    const { objects, isTruncated, last } = await store.list({ prefix: rule.prefix, after, limit });
    const nowMs = now().getTime();
    // Of what is damaged, and has no ETag to be known by, nobody can tell the age: an operator decides.
    const old = objects.filter(
      ({ etag, modifiedAtMs }) => etag !== undefined && lifeEndsAtMs(modifiedAtMs, days) <= nowMs,
    );
    const expired = await removeAll(old, expire);
    const isMore = isTruncated && last !== undefined;
    places.set(rule, isMore ? last : "");
    return { expired, aborted: 0, isMore };
  };

  const abortUploads = async ({ prefix }: CheckedRule, days: number): Promise<LifecyclePass> => {
    const nowMs = now().getTime();
    const old = (await store.uploads.list(prefix)).filter(
      ({ createdAtMs }) => lifeEndsAtMs(createdAtMs, days) <= nowMs,
    );
    const aborted = await removeAll(old.slice(0, limit), (upload: OpenUpload) => store.uploads.abort(upload));
    return { expired: 0, aborted, isMore: old.length > limit && aborted > 0 };
  };

  return async () => {
    const passes: LifecyclePass[] = [];
    for (const rule of rules) {
      const { expirationDays, abortIncompleteMultipartUploadDays: abortDays } = rule;
      if (expirationDays !== undefined) passes.push(await expireObjects(rule, expirationDays));
      if (abortDays !== undefined) passes.push(await abortUploads(rule, abortDays));
    }
    return {
      expired: passes.reduce((sum, { expired }) => sum + expired, 0),
      aborted: passes.reduce((sum, { aborted }) => sum + aborted, 0),
      isMore: passes.some(({ isMore }) => isMore),
    };
  };
}
