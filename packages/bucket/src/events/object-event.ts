/** What happens to objects, by S3's names without `s3:` before them. */
export const objectEventNames = [
  "ObjectCreated:Put",
  "ObjectCreated:Post",
  "ObjectCreated:Copy",
  "ObjectCreated:CompleteMultipartUpload",
  "ObjectRemoved:Delete",
  "ObjectTagging:Put",
  "ObjectTagging:Delete",
  "LifecycleExpiration:Delete",
] as const;

export type ObjectEventName = (typeof objectEventNames)[number];

/** Something that happened to an object, and is durable. */
export interface ObjectEvent {
  readonly name: ObjectEventName;
  readonly key: string;
  /** Of what was created. */
  readonly sizeBytes?: number;
  /** Of what was created, without the quotes. */
  readonly etag?: string;
  /** Of the request that did it, where one did. */
  readonly requestId?: string;
}

/**
 * The names that S3's notation of a kind of events means: `s3:ObjectCreated:Put`, or `s3:ObjectCreated:*` for all of
 * a family. Throws RangeError for one that never happens here.
 */
export function parseEventKind(kind: string): ObjectEventName[] {
  const name = kind.replace(/^s3:/, "");
  const family = name.endsWith(":*") ? name.slice(0, -1) : undefined;
  const names = objectEventNames.filter((each) => (family ? each.startsWith(family) : each === name));
  if (names.length === 0) throw new RangeError(`events: "${kind}" is not an event that happens here`);
  return names;
}
