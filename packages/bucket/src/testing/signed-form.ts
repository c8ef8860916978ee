import { createPostPolicySigner, type PostCondition } from "@stowage/sigv4";
import { type Answer, type TestBucket, testBucketName, testCredentials, testRegion } from "./test-bucket.ts";

const sign = createPostPolicySigner({ credentials: testCredentials, region: testRegion });

/** Where forms are posted to. */
export const formTarget = `/${testBucketName}`;

/** What a form is to have; by default it is valid. */
export interface Form {
  /** Besides those of the signature. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Besides the bucket, and each field as it is. */
  readonly conditions?: readonly PostCondition[];
  /** Fields that the policy says nothing of. */
  readonly unsaid?: Readonly<Record<string, string>>;
  readonly file?: Buffer;
  readonly fileName?: string;
  readonly signedAt?: Date;
  readonly expiresAt?: Date;
}

export const eq = (field: string, value: string): PostCondition => ({
  match: "eq",
  field: field.toLowerCase(),
  value,
});
export const range = (minBytes: number, maxBytes: number): PostCondition => ({
  match: "content-length-range",
  minBytes,
  maxBytes,
});

/** Fields with the signature that makes them valid. */
export function signForm(form: Form): Record<string, string> {
  const { fields = { key: "k" }, conditions = [], unsaid = {}, signedAt = new Date() } = form;
  const spokenOf = new Set(conditions.map((condition) => ("field" in condition ? condition.field : "")));
  const own = Object.entries(fields).filter(([name]) => !spokenOf.has(name.toLowerCase()));
  const signed = sign({
    conditions: [eq("bucket", testBucketName), ...own.map(([name, value]) => eq(name, value)), ...conditions],
    expiresAt: form.expiresAt ?? new Date(Date.now() + 600_000),
    signedAt,
  });
  return { ...fields, ...unsaid, ...signed };
}

/** A body as browsers write it. */
export async function encodeForm(
  fields: Readonly<Record<string, string>>,
  file: Buffer | undefined,
  fileName = "photo.jpg",
): Promise<{ headers: Record<string, string>; body: Buffer }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file) form.append("file", new Blob([new Uint8Array(file)]), fileName);
  const response = new Response(form);
  const body = Buffer.from(await response.arrayBuffer());
  const type = response.headers.get("content-type") ?? "";
  return { headers: { "content-type": type, "content-length": String(body.length) }, body };
}

export async function postForm(bucket: TestBucket, form: Form & { readonly file: Buffer }): Promise<Answer> {
  const { headers, body } = await encodeForm(signForm(form), form.file, form.fileName);
  return bucket.send("POST", formTarget, { headers, body });
}
