import { readText, refused, type S3Answer, type S3Send } from "./s3-send.ts";

/** How long a bucket that was there is taken to be there. */
const trustedForMs = 60_000;

/** What only a bucket that exists answers. */
const answeredByBucket: ReadonlySet<string | undefined> = new Set([
  "NoSuchKey",
  "NoSuchUpload",
  "PreconditionFailed",
]);

const isFromBucket = (answer: S3Answer): boolean =>
  answer.kind === "ok" || answeredByBucket.has(answer.error.code);

/**
 * Watches what is sent for signs of the bucket. S3 answers HEAD with the same bare 404 for a missing object and
 * for a missing bucket, and a store that takes the second for the first reports every file as lost.
 *
 * @returns `send` as given, watched; and `assertPresent`, which asks for the bucket unless it was heard from
 *   within a minute, and rejects with StoreRefusedError where there is none
 */
export function watchBucket(send: S3Send): { send: S3Send; assertPresent(): Promise<void> } {
  let heardAtMs = Number.NEGATIVE_INFINITY;
  const watched: S3Send = async (request) => {
    const answer = await send(request);
    if (isFromBucket(answer)) heardAtMs = performance.now();
    return answer;
  };
  return {
    send: watched,
    async assertPresent() {
      if (performance.now() - heardAtMs < trustedForMs) return;
      const what = "GET the bucket";
      const answer = await watched({ method: "GET", query: { "list-type": "2", "max-keys": "1" } });
      if (answer.kind === "refused") throw refused(what, answer.error);
      await readText(answer.answer, 64 * 1024, what);
    },
  };
}
