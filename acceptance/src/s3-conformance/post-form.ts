import { createHash, createHmac } from "node:crypto";
import type { S3Answer } from "../harness/s3-requests.ts";
import { amzDateOf, scopeOf, signingKey } from "../harness/sign-s3.ts";
import type { S3Session } from "./s3-session.ts";

export type Condition = readonly unknown[] | Readonly<Record<string, string>>;

/** A browser's form, and how it is bent. */
export interface Form {
  readonly key?: string | undefined;
  readonly body?: Buffer | string;
  readonly filename?: string;
  /** Besides those of key, bucket and signature, which the policy covers in any case. */
  readonly conditions?: readonly Condition[];
  /** Sent besides key and signature. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Sent after the file. */
  readonly late?: Readonly<Record<string, string>>;
  /** Default: in a minute. */
  readonly expiration?: unknown;
  /** Left out of the form. */
  readonly without?: readonly string[];
  /** Instead of the whole policy. */
  readonly policy?: unknown;
  readonly secretAccessKey?: string;
  readonly accessKeyId?: string;
  readonly spoilSignature?: boolean;
  /** Named in the policy's condition. Default: the bucket. */
  readonly policyBucket?: string;
}

/** A form as "Browser-Based Uploads Using POST (AWS Signature Version 4)" has it. */
export async function postForm(s3: S3Session, form: Form): Promise<S3Answer> {
  const { credentials, region, bucket, endpoint } = s3.place;
  const key = form.key ?? "";
  const amzDate = amzDateOf(new Date());
  const scope = scopeOf(amzDate, region);
  const signed = {
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": `${form.accessKeyId ?? credentials.accessKeyId}/${scope}`,
    "x-amz-date": amzDate,
  };
  const document = form.policy ?? {
    expiration: "expiration" in form ? form.expiration : new Date(Date.now() + 60_000).toISOString(),
    conditions: [
      { bucket: form.policyBucket ?? bucket },
      ["starts-with", "$key", key.slice(0, 12)],
      ...Object.entries(signed).map(([name, value]) => ({ [name]: value })),
      ...(form.conditions ?? []),
    ],
  };
  const policy = Buffer.from(JSON.stringify(document)).toString("base64");
  const signature = createHmac(
    "sha256",
    signingKey(form.secretAccessKey ?? credentials.secretAccessKey, scope),
  )
    .update(policy)
    .digest("hex");
  const fields: Record<string, string> = {
    ...(form.key !== undefined && { key }),
    ...form.fields,
    ...signed,
    policy,
    "x-amz-signature": form.spoilSignature
      ? signature.replace(/^./, (digit) => (digit === "0" ? "1" : "0"))
      : signature,
  };
  const boundary = `----conformance${createHash("md5").update(key).digest("hex")}`;
  const field = (name: string, value: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head = Object.entries(fields)
    .filter(([name]) => !form.without?.includes(name))
    .map(([name, value]) => field(name, value))
    .join("");
  const tail = Object.entries(form.late ?? {})
    .map(([name, value]) => field(name, value))
    .join("");
  const file =
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${form.filename ?? "a.txt"}"\r\n` +
    "Content-Type: text/x-of-the-file\r\n\r\n";
  const body = Buffer.concat([
    Buffer.from(head),
    Buffer.from(form.without?.includes("file") ? "" : file),
    Buffer.from(form.without?.includes("file") ? "" : (form.body ?? "bar")),
    Buffer.from(`${form.without?.includes("file") ? "" : "\r\n"}${tail}--${boundary}--\r\n`),
  ]);
  return s3.fetch("POST", `${endpoint}/${bucket}`, {
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    body,
  });
}
