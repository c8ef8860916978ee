import type { ReceivedRequest } from "@stowage/sigv4";
import type { DiskStore, IncomingObject } from "../storage/disk-store.ts";
import type { WriteCondition } from "../storage/object-names.ts";
import { type AcceptedForm, acceptForm, type VerifyPolicy } from "./accept-form.ts";
import { checksumHeader } from "./declared-checksum.ts";
import { checkDigests } from "./declared-content.ts";
import { type Exchange, notImplemented } from "./exchange.ts";
import { createFormDecoder, maxAfterFileBytes } from "./form-decoder.ts";
import { formBoundary } from "./part-head.ts";
import { keptChecksum } from "./put-object.ts";
import { receiveBody } from "./receive-body.ts";
import type { Operations } from "./route.ts";
import { S3Error } from "./s3-error.ts";
import { encryptionHeader } from "./storage-members.ts";
import { writeCondition } from "./write-condition.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

/** A form as a browser posts it. Its policy is signed, not the request. */
export type PostedForm = Omit<Exchange, "verified" | "query" | "amz">;

/** Whether a request is a form, rather than one that is signed as a whole. */
export const isFormUpload = ({ method, target, headers }: ReceivedRequest): boolean =>
  method === "POST" &&
  !target.includes("?") &&
  !headers.has("authorization") &&
  /^multipart\/form-data\b/i.test(headers.get("content-type") ?? "");

function bodyBytes({ headers }: PostedForm): number {
  const length = headers.get("content-length");
  if (headers.has("transfer-encoding") || length === undefined)
    throw new S3Error("MissingContentLength", "You must provide the Content-Length HTTP header.");
  return Number(length);
}

const tooLarge = (): S3Error =>
  new S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");

/**
 * POST Object: a browser's form, https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html. The policy is
 * judged before the first byte of the file is stored, and its size limit holds while the file comes.
 */
export async function postObject(
  exchange: PostedForm,
  { store, bucket, maxObjectSizeBytes }: Pick<Operations, "store" | "bucket" | "maxObjectSizeBytes">,
  verifyPolicy: VerifyPolicy,
): Promise<void> {
  const { request, headers } = exchange;
  if (exchange.bucket !== bucket) throw new S3Error("NoSuchBucket", "The specified bucket does not exist");
  if (exchange.key !== "")
    throw new S3Error("MethodNotAllowed", "A form is posted to the bucket; its key is a field.");
  const boundary = formBoundary(headers.get("content-type") ?? "");
  if (boundary === undefined) throw notImplemented("POST");
  const totalBytes = bodyBytes(exchange);
  const condition = writeCondition(headers);

  const upload: { begun?: { readonly form: AcceptedForm; readonly incoming: IncomingObject } } = {};
  let fileBytes = 0;
  const decoder = createFormDecoder(boundary, {
    async beginFile(fields) {
      const form = acceptForm(fields, { bucket, maxObjectSizeBytes, verifyPolicy });
      // Some of what is left may be no part of the file, but not much.
      if (totalBytes - fields.bytesBefore - boundary.length - maxAfterFileBytes > form.maxBytes)
        throw tooLarge();
      upload.begun = { form, incoming: await receive(store, form, condition) };
    },
    push(content) {
      fileBytes += content.length;
      const { begun } = upload;
      if (fileBytes > (begun?.form.maxBytes ?? 0)) throw tooLarge();
      begun?.form.digests.checksum?.update(content);
      return begun?.incoming.push(content);
    },
  });
  let working: Promise<void> | undefined;
  try {
    exchange.acceptBody();
    await receiveBody(request, (bytes) => {
      working = decoder.push(bytes);
      return working;
    });
    decoder.end();
    if (fileBytes < (upload.begun?.form.minBytes ?? 0))
      throw new S3Error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
  } catch (error) {
    // The connection may have ended while the file was only being begun.
    await Promise.allSettled([working]);
    await upload.begun?.incoming.discard();
    throw error;
  }
  if (upload.begun) await publish(exchange, { ...upload.begun, fileBytes });
}

const receive = (
  store: DiskStore,
  { key, digests, headers, tags }: AcceptedForm,
  condition: WriteCondition,
) => store.receive(key, { withMd5: digests.md5 !== undefined, headers, tags, ...condition });

async function publish(
  exchange: PostedForm,
  {
    form,
    incoming,
    fileBytes,
  }: { readonly form: AcceptedForm; readonly incoming: IncomingObject; readonly fileBytes: number },
): Promise<void> {
  const { request, response, bucket } = exchange;
  const { key, contentType, digests, status } = form;
  let checksum: ReturnType<typeof checkDigests>;
  try {
    checksum = checkDigests(digests, await incoming.finish());
  } catch (error) {
    await incoming.discard();
    throw error;
  }
  // The client is quiet from here on because it waits for the disk: that is not its idleness.
  request.socket.setTimeout(0);
  const { etag } = await incoming.publish({ contentType, ...keptChecksum(checksum) });
  exchange.announce({ name: "ObjectCreated:Post", key, sizeBytes: fileBytes, etag });

  const location = `/${bucket}/${encodeURIComponent(key.toWellFormed()).replaceAll("%2F", "/")}`;
  const xml =
    status === 201
      ? xmlDocument(
          "PostResponse",
          [
            ["Location", location],
            ["Bucket", bucket],
            ["Key", key],
            ["ETag", `"${etag}"`],
          ],
          s3Namespace,
        )
      : "";
  response.writeHead(status, {
    etag: `"${etag}"`,
    location,
    ...encryptionHeader,
    ...(checksum && { ...checksumHeader(checksum), "x-amz-checksum-type": "FULL_OBJECT" }),
    ...(status === 201 && { "content-type": "application/xml" }),
    ...(status !== 204 && { "content-length": Buffer.byteLength(xml) }),
    "cache-control": "no-store",
  });
  response.end(xml);
}
