import { checkPostConditions, type ReceivedRequest, type VerifiedPostPolicy } from "@stowage/sigv4";
import type { DiskStore, IncomingObject } from "../storage/disk-store.ts";
import type { WriteCondition } from "../storage/object-names.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { checksumHeader, checksumMembers } from "./declared-checksum.ts";
import {
  checkDigests,
  type DeclaredDigests,
  declaredContentType,
  declaredDigests,
} from "./declared-content.ts";
import { type Exchange, notImplemented } from "./exchange.ts";
import { createFormDecoder, type FormFields, maxAfterFileBytes } from "./form-decoder.ts";
import { keptHeaders } from "./kept-headers.ts";
import { formBoundary } from "./part-head.ts";
import { keptChecksum } from "./put-object.ts";
import { receiveBody } from "./receive-body.ts";
import { maxKeyBytes } from "./request-target.ts";
import type { Operations } from "./route.ts";
import { S3Error } from "./s3-error.ts";
import { encryptionHeader, refuseOtherStorage, storageMembers } from "./storage-members.ts";
import { writeCondition } from "./write-condition.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

/** A form as a browser posts it. Its policy is signed, not the request. */
export type PostedForm = Omit<Exchange, "verified" | "query" | "amz">;

/** What verifies the policy in a form's fields. Throws SignatureRefusedError. */
export type VerifyPolicy = (fields: ReadonlyMap<string, string>) => VerifiedPostPolicy;

/** Whether a request is a form, rather than one that is signed as a whole. */
export const isFormUpload = ({ method, target, headers }: ReceivedRequest): boolean =>
  method === "POST" &&
  !target.includes("?") &&
  !headers.has("authorization") &&
  /^multipart\/form-data\b/i.test(headers.get("content-type") ?? "");

interface FormRules {
  readonly bucket: string;
  readonly maxObjectSizeBytes: number;
  readonly verifyPolicy: VerifyPolicy;
}

/** What a form whose policy holds asks for. */
interface AcceptedForm {
  readonly key: string;
  /** Bytes of the file, both ends included. */
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly contentType: string;
  readonly digests: DeclaredDigests;
  readonly status: 200 | 201 | 204;
  readonly headers: ReturnType<typeof keptHeaders>;
}

const signatureFields: ReadonlySet<string> = new Set([
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-security-token",
  "x-amz-signature",
]);
const knownAmz: ReadonlySet<string> = new Set([...storageMembers, ...checksumMembers]);

/** As S3's forms write it. */
const fileNameVariable = /\$\{filename\}/g;

/** `${filename}` becomes the file's name, in every field but those that are signed as they are. */
function expandFileName({ fields, fileName }: FormFields): Map<string, string> {
  const asSent = new Set(["policy", "x-amz-signature"]);
  const expand = (value: string): string => value.replace(fileNameVariable, () => fileName);
  return new Map([...fields].map(([name, value]) => [name, asSent.has(name) ? value : expand(value)]));
}

/** As on S3, what is neither of these is 204. */
const successStatus = (field: string | undefined): AcceptedForm["status"] =>
  field === "200" ? 200 : field === "201" ? 201 : 204;

function readKey(fields: ReadonlyMap<string, string>): string {
  const key = fields.get("key") ?? "";
  if (key === "")
    throw new S3Error(
      "InvalidArgument",
      "Bucket POST must contain a field named 'key'. If it is specified, please check the order of the fields.",
    );
  if (Buffer.byteLength(key) > maxKeyBytes) throw new S3Error("KeyTooLongError", "Your key is too long");
  return key;
}

/** Throws S3Error and SignatureRefusedError. */
function acceptForm(form: FormFields, { verifyPolicy, bucket, maxObjectSizeBytes }: FormRules): AcceptedForm {
  const fields = expandFileName(form);
  const { policy } = verifyPolicy(fields);
  const key = readKey(fields);
  const verdict = checkPostConditions(policy, fields, bucket);
  if (verdict.verdict === "condition-failed")
    throw new S3Error(
      "AccessDenied",
      `Invalid according to Policy: Policy Condition failed for ${verdict.field}`,
    );
  if (verdict.verdict === "extra-field")
    throw new S3Error("AccessDenied", `Invalid according to Policy: Extra input fields: ${verdict.field}`);
  // Whoever signs forms would have this server lead people's browsers anywhere.
  if (fields.has("success_action_redirect") || fields.has("redirect"))
    throw notImplemented("success_action_redirect: use success_action_status");

  const amz = new Map(
    [...fields].filter(([name]) => name.startsWith("x-amz-") && !signatureFields.has(name)),
  );
  const acl = fields.get("acl");
  if (acl !== undefined) amz.set("x-amz-acl", acl);
  refuseUnknownAmz(amz, knownAmz);
  refuseOtherStorage(amz);
  return {
    key,
    minBytes: verdict.minBytes,
    maxBytes: Math.min(verdict.maxBytes, maxObjectSizeBytes),
    contentType: declaredContentType(fields),
    digests: declaredDigests(fields, amz, { payloadSha256: "UNSIGNED-PAYLOAD" }),
    status: successStatus(fields.get("success_action_status")),
    // The policy speaks of every field, as a signature of headers does.
    headers: keptHeaders(fields, amz, { by: "header", signedHeaders: new Set() }),
  };
}

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

const receive = (store: DiskStore, { key, digests, headers }: AcceptedForm, condition: WriteCondition) =>
  store.receive(key, { withMd5: digests.md5 !== undefined, headers, ...condition });

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
