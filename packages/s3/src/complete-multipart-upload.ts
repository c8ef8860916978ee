import { createHash } from "node:crypto";
import { type StoredPart, StoreUnavailableError } from "@stowage/core";
import { isNoSuchUpload } from "./no-such-upload.ts";
import { assertObjectKey } from "./object-key.ts";
import { readXml, type XmlElement } from "./read-xml.ts";
import type { Retry } from "./retry.ts";
import { createS3AnswerError, isTransient, type S3AnswerError } from "./s3-answer-error.ts";
import { readText, refused, type S3Send } from "./s3-send.ts";

export interface CompleteMultipart {
  readonly key: string;
  readonly storeUploadId: string;
  readonly parts: readonly StoredPart[];
}

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html, with `If-None-Match: *`. An attempt
 * whose answer was lost may have completed it: the next one is then told `NoSuchUpload`, which is `missing` here, and
 * the caller looks at the key.
 */
export function createCompleteMultipartUpload(options: { send: S3Send; retry: Retry; timeoutMs: number }) {
  const { send, retry, timeoutMs } = options;
  return async (complete: CompleteMultipart): Promise<"completed" | "exists" | "missing" | "changed"> => {
    const { key, storeUploadId } = complete;
    assertObjectKey(key);
    const what = `complete the multipart upload of ${key}`;
    const body = Buffer.from(documentOf(complete.parts));
    return retry(async () => {
      const answer = await send({
        method: "POST",
        key,
        query: { uploadId: storeUploadId },
        headers: { "content-type": "application/xml", "if-none-match": "*" },
        body,
        sha256: createHash("sha256").update(body).digest("hex"),
        timeoutMs,
      });
      const error =
        answer.kind === "refused"
          ? answer.error
          : readCompleteAnswer(what, await readText(answer.answer, 1024 * 1024, what));
      if (error === undefined) return "completed";
      if (isNoSuchUpload(error)) return "missing";
      if (error.code === "InvalidPart") return "changed";
      if (error.status === 412 || error.code === "PreconditionFailed") return "exists";
      throw refused(what, error);
    });
  };
}

const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);

/** ETags go in quotes, as every service takes them; a checksum that the store listed has to be repeated on AWS. */
function documentOf(parts: readonly StoredPart[]): string {
  const elements = parts.map(({ partNumber, etag, sha256 }) => {
    const checksum =
      sha256 === undefined
        ? ""
        : `<ChecksumSHA256>${Buffer.from(sha256, "hex").toString("base64")}</ChecksumSHA256>`;
    return `<Part><PartNumber>${partNumber}</PartNumber><ETag>&quot;${escapeXml(etag)}&quot;</ETag>${checksum}</Part>`;
  });
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${elements.join("")}</CompleteMultipartUpload>`;
}

/**
 * S3 answers 200 before it joins the parts, so that the connection lives; how it went is in the body. Ceph's result has
 * an empty ETag: nothing of it is needed but its name.
 *
 * @returns undefined where it went well
 * @throws StoreUnavailableError for a failure that may pass, and for what is no answer to this
 */
function readCompleteAnswer(what: string, body: string): S3AnswerError | undefined {
  let root: XmlElement;
  try {
    root = readXml(body.trim());
  } catch (cause) {
    throw new StoreUnavailableError(`${what}: the store's answer can't be read`, { cause });
  }
  if (root.name === "CompleteMultipartUploadResult") return undefined;
  if (root.name !== "Error")
    throw new StoreUnavailableError(`${what}: the store answered something else: ${root.name.slice(0, 100)}`);
  const error = createS3AnswerError(200, root, undefined);
  if (isTransient(error))
    throw new StoreUnavailableError(`${what}: the store failed: ${error.message}`, { cause: error });
  return error;
}
