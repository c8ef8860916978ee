import type { ObjectEvent } from "./object-event.ts";

/** An event as it waits for its delivery. */
export interface DatedEvent extends ObjectEvent {
  readonly at: Date;
  /** Of two events of one key the later one has the greater, compared as text. */
  readonly sequencer: string;
}

/** A function that gives each call a greater text than the last, also in another process later on. */
export function createSequencer(): (at: Date) => string {
  let lastMs = 0;
  let count = 0;
  return (at) => {
    const atMs = at.getTime();
    if (atMs > lastMs) {
      lastMs = atMs;
      count = 0;
    } else count += 1;
    // More than 65,535 in a millisecond, or since a clock was set back, borrow the next one.
    if (count > 0xffff) {
      lastMs += 1;
      count = 0;
    }
    return `${lastMs.toString(16).padStart(12, "0")}${count.toString(16).padStart(4, "0")}`.toUpperCase();
  };
}

/** As AWS encodes keys in events: a space is `+`, a slash stays. */
const encodeKey = (key: string): string =>
  encodeURIComponent(key.toWellFormed()).replaceAll("%2F", "/").replaceAll("%20", "+");

/**
 * S3's event message, version 2.1, as JSON:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html.
 * Left out are who sent the request and from where.
 */
export function eventMessage(
  events: readonly DatedEvent[],
  about: { readonly bucket: string; readonly region: string; readonly configurationId: string },
): string {
  const { bucket, region, configurationId } = about;
  const records = events.map(({ name, key, sizeBytes, etag, requestId, at, sequencer }) => ({
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: region,
    eventTime: at.toISOString(),
    eventName: name,
    ...(requestId !== undefined && { responseElements: { "x-amz-request-id": requestId } }),
    s3: {
      s3SchemaVersion: "1.0",
      configurationId,
      bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: encodeKey(key),
        ...(sizeBytes !== undefined && { size: sizeBytes }),
        ...(etag !== undefined && { eTag: etag }),
        sequencer,
      },
    },
  }));
  return JSON.stringify({ Records: records });
}
