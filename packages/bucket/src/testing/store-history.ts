import type { ObjectMetadata } from "../storage/object-file.ts";
import type { DiskEffect } from "./disk-tree.ts";

/** An ETag, with a `#` and the tag of an object that has one; or that there is no such object or part. */
type Value = string | undefined;

interface Change {
  /** How much had happened to the disk when it was begun, and when it was acknowledged. */
  readonly begunAt: number;
  acknowledgedAt: number;
  /** What it makes of the key, as far as is known: several where it copies what may be several things. */
  values: readonly Value[];
  /** Of what only gives what the key has, whatever that is, this tag. */
  readonly tag?: string;
}

export interface UploadHistory {
  readonly key: string;
  readonly uploadId: string;
  readonly createdAt: number;
  readonly parts: Map<number, Change[]>;
  /** Completions and aborts that worked. */
  readonly endings: Change[];
}

const never = Number.POSITIVE_INFINITY;

const withTag = (value: Value, tag: string): Value => value && `${value.split("#", 1)[0]}#${tag}`;

/** An object as histories know it. */
export const asRemembered = ({ etag, tags }: Pick<ObjectMetadata, "etag" | "tags">): string =>
  tags?.[0] ? `${etag}#${tags[0][1]}` : etag;

/** What may be found of a key: what a change left that no later one, acknowledged, has replaced. */
function possibleValues(changes: readonly Change[]): Set<Value> {
  const before: Change = { begunAt: -1, acknowledgedAt: 0, values: [undefined] };
  // In the order in which they were begun.
  const standing = [before, ...changes].filter(
    (change, index) =>
      !changes
        .slice(index)
        .some((later) => later.acknowledgedAt < never && later.begunAt >= change.acknowledgedAt),
  );
  return new Set(
    standing.flatMap(({ values, tag, acknowledgedAt }) =>
      // Not yet acknowledged, it may have met with anything.
      tag === undefined || acknowledgedAt < never
        ? values
        : changes.flatMap((change) => change.values.map((value) => withTag(value, tag))),
    ),
  );
}

const changesUpTo = (changes: readonly Change[], at: number): Change[] =>
  changes
    .filter(({ begunAt }) => begunAt < at)
    .map((change) => ({
      ...change,
      acknowledgedAt: change.acknowledgedAt <= at ? change.acknowledgedAt : never,
    }));

/**
 * What several users, at the same time, have asked of a store, and what they were told. Its clock is the number of
 * the disk's effects, so that it can be cut off where the disk is.
 */
export class StoreHistory {
  /** Contents by their ETags, without tags. */
  readonly contents: Map<string, Buffer>;
  readonly keys: Map<string, Change[]>;
  readonly uploads: UploadHistory[];
  readonly #now: () => number;

  constructor(now: () => number, contents = new Map(), keys = new Map(), uploads: UploadHistory[] = []) {
    this.#now = now;
    this.contents = contents;
    this.keys = keys;
    this.uploads = uploads;
  }

  /** Until it is acknowledged, a change may have happened or not. `work` resolves with "refused" where it has not. */
  async #change(
    changes: Change[],
    values: readonly Value[],
    work: () => Promise<Value | "refused">,
    tag?: string,
  ) {
    const about = { values, ...(tag !== undefined && { tag }) };
    const change: Change = { begunAt: this.#now(), acknowledgedAt: never, ...about };
    changes.push(change);
    const value = await work();
    if (value === "refused") changes.splice(changes.indexOf(change), 1);
    else {
      change.values = [value];
      change.acknowledgedAt = this.#now();
    }
    return value;
  }

  changeKey(key: string, values: readonly Value[], work: () => Promise<Value | "refused">) {
    const changes = this.keys.get(key) ?? [];
    this.keys.set(key, changes);
    return this.#change(changes, values, work);
  }

  tagKey(key: string, tag: string, work: () => Promise<Value | "refused">) {
    const changes = this.keys.get(key) ?? [];
    this.keys.set(key, changes);
    return this.#change(changes, [], work, tag);
  }

  changePart({ parts }: UploadHistory, number: number, etag: string, work: () => Promise<Value | "refused">) {
    const changes = parts.get(number) ?? [];
    parts.set(number, changes);
    return this.#change(changes, [etag], work);
  }

  endUpload({ endings }: UploadHistory, work: () => Promise<Value | "refused">) {
    return this.#change(endings, [], work);
  }

  created(key: string, uploadId: string): UploadHistory {
    const upload = { key, uploadId, createdAt: this.#now(), parts: new Map(), endings: [] };
    this.uploads.push(upload);
    return upload;
  }

  possible(key: string): Set<Value> {
    return possibleValues(this.keys.get(key) ?? []);
  }

  /** Those that were acknowledged and that nobody began to end. */
  uploadsThatMustBe(): UploadHistory[] {
    return this.uploads.filter(({ endings }) => endings.length === 0);
  }

  /** Those that somebody was told are over. */
  uploadsThatMustNotBe(): UploadHistory[] {
    return this.uploads.filter(({ endings }) => endings.some(({ acknowledgedAt }) => acknowledgedAt < never));
  }

  possibleParts({ parts }: UploadHistory): Map<number, Set<Value>> {
    return new Map([...parts].map(([number, changes]) => [number, possibleValues(changes)]));
  }

  /** The history as it was when so many effects had happened; it goes on by another clock. */
  upTo(effectCount: number, now: () => number): StoreHistory {
    return new StoreHistory(
      now,
      this.contents,
      new Map([...this.keys].map(([key, changes]) => [key, changesUpTo(changes, effectCount)])),
      this.uploads
        .filter(({ createdAt }) => createdAt <= effectCount)
        .map((upload) => ({
          ...upload,
          parts: new Map(
            [...upload.parts].map(([number, changes]) => [number, changesUpTo(changes, effectCount)]),
          ),
          endings: changesUpTo(upload.endings, effectCount),
        })),
    );
  }
}

/** The last things that happened, one a line, for whoever looks into a failure. */
export const describeEffects = (effects: readonly DiskEffect[]): string =>
  effects
    .map((effect) => {
      switch (effect.kind) {
        case "write":
          return `write ${effect.bytes.length} at ${effect.position} of #${effect.file}`;
        case "sync-data":
        case "sync-directory":
          return `${effect.kind} #${effect.node} (before ${effect.before})`;
        case "link":
        case "rename":
          return `${effect.kind} ${effect.from} ${effect.path}`;
        default:
          return `${effect.kind} ${effect.path}`;
      }
    })
    .join("\n");
