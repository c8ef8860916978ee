import { S3Error } from "./s3-error.ts";

/** Refuses to change what S3 has in the bucket, and this server in its options. */
export async function configuredElsewhere(what: string, option: string): Promise<never> {
  throw new S3Error(
    "MethodNotAllowed",
    `The bucket's ${what} are configuration of this server (${option}): requests can read them, not change them.`,
    { headers: { allow: "GET" } },
  );
}
