import { checkPostConditions, type VerifiedPostPolicy } from "@stowage/sigv4";
import { refuseUnknownAmz } from "./amz-members.ts";
import { checksumMembers } from "./declared-checksum.ts";
import { type DeclaredDigests, declaredContentType, declaredDigests } from "./declared-content.ts";
import { notImplemented } from "./exchange.ts";
import type { FormFields } from "./form-decoder.ts";
import { keptHeaders } from "./kept-headers.ts";
import { maxKeyBytes } from "./request-target.ts";
import { S3Error } from "./s3-error.ts";
import { refuseOtherStorage, storageMembers } from "./storage-members.ts";
import { tagsInDocument } from "./tag-set.ts";

/** What verifies the policy in a form's fields. Throws SignatureRefusedError. */
export type VerifyPolicy = (fields: ReadonlyMap<string, string>) => VerifiedPostPolicy;

export interface FormRules {
  readonly bucket: string;
  readonly maxObjectSizeBytes: number;
  readonly verifyPolicy: VerifyPolicy;
}

/** What a form whose policy holds asks for. */
export interface AcceptedForm {
  readonly key: string;
  /** Bytes of the file, both ends included. */
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly contentType: string;
  readonly digests: DeclaredDigests;
  readonly status: 200 | 201 | 204;
  readonly headers: ReturnType<typeof keptHeaders>;
  readonly tags: ReturnType<typeof tagsInDocument>;
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

/** What a header of an answer can hold, which a form's fields need not. */
const headerText = /^[\t\x20-\x7e]*$/;

function readContentType(fields: ReadonlyMap<string, string>): string {
  const contentType = declaredContentType(fields);
  if (headerText.test(contentType)) return contentType;
  throw new S3Error("InvalidArgument", "Content-Type must be printable ASCII.");
}

/** Holds a form to its policy, and reads what it asks for. Throws S3Error and SignatureRefusedError. */
export function acceptForm(
  form: FormFields,
  { verifyPolicy, bucket, maxObjectSizeBytes }: FormRules,
): AcceptedForm {
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
  const tagging = fields.get("tagging");
  return {
    key,
    minBytes: verdict.minBytes,
    maxBytes: Math.min(verdict.maxBytes, maxObjectSizeBytes),
    contentType: readContentType(fields),
    digests: declaredDigests(fields, amz, { payloadSha256: "UNSIGNED-PAYLOAD" }),
    status: successStatus(fields.get("success_action_status")),
    // The policy speaks of every field, as a signature of headers does.
    headers: keptHeaders(fields, amz, { by: "header", signedHeaders: new Set() }),
    tags: tagging === undefined ? undefined : tagsInDocument(Buffer.from(tagging)),
  };
}
