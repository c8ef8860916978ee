import { type ObjectHead, StoreRefusedError, StoreUnavailableError } from "@stowage/core";
import { assertObjectKey } from "./object-key.ts";
import { readXml, type XmlElement } from "./read-xml.ts";
import type { Retry } from "./retry.ts";
import { createS3AnswerError, isTransient, type S3AnswerError } from "./s3-answer-error.ts";
import { readText, refused, type S3Send } from "./s3-send.ts";

/** S3's largest source of one copy: 5 GiB. More would need part copies, which are not made here. */
const largestCopyBytes = 5 * 1024 ** 3;

/** What services say of a larger one, among other things. */
const saidOfTooLarge: ReadonlySet<string | undefined> = new Set(["EntityTooLarge", "InvalidRequest"]);

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html, type and metadata included. */
export function createCopyObject(options: {
  send: S3Send;
  retry: Retry;
  headOnce: (key: string) => Promise<ObjectHead | undefined>;
  bucket: string;
  timeoutMs: number;
}) {
  const { send, retry, headOnce, bucket, timeoutMs } = options;

  return async ({ from, to }: { from: string; to: string }): Promise<"copied" | "missing"> => {
    assertObjectKey(from);
    assertObjectKey(to);
    const what = `COPY ${from} to ${to}`;
    return retry(async () => {
      const answer = await send({
        method: "PUT",
        key: to,
        headers: { "x-amz-copy-source": `/${bucket}/${from}` },
        timeoutMs,
      });
      const error =
        answer.kind === "refused"
          ? answer.error
          : readCopyAnswer(what, await readText(answer.answer, 1024 * 1024, what));
      if (error === undefined) return "copied";
      if (error.code === "NoSuchKey") return "missing";
      const source = saidOfTooLarge.has(error.code) ? await headOnce(from) : undefined;
      if (source !== undefined && source.sizeBytes > largestCopyBytes)
        throw new StoreRefusedError(
          `${what}: ${source.sizeBytes} bytes are more than the ${largestCopyBytes} that a store copies at once`,
          { cause: error },
        );
      throw refused(what, error);
    });
  };
}

/**
 * S3 answers 200 before it copies, so that the connection lives; how the copy went is in the body.
 *
 * @returns undefined where it went well
 * @throws StoreUnavailableError for a failure that may pass, and for what is no answer to a copy
 */
function readCopyAnswer(what: string, body: string): S3AnswerError | undefined {
  let root: XmlElement;
  try {
    root = readXml(body.trim());
  } catch (cause) {
    throw new StoreUnavailableError(`${what}: the store's answer can't be read`, { cause });
  }
  if (root.name === "CopyObjectResult") return undefined;
  if (root.name !== "Error")
    throw new StoreUnavailableError(`${what}: the store answered something else: ${root.name.slice(0, 100)}`);
  const error = createS3AnswerError(200, root, undefined);
  if (isTransient(error))
    throw new StoreUnavailableError(`${what}: the store failed: ${error.message}`, { cause: error });
  return error;
}
