import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface SignerOptions {
  /** Where the bucket is for the page. */
  readonly bucketUrl: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of keys. */
  readonly prefix: string;
}

const lifeMs = 600_000;
const region = "us-east-1";

/**
 * What of Companion an unmodified Uppy asks for files that go in one request: `GET /s3/params` answers with a POST
 * policy, its key a random id and the name, as Companion's are. Any page may ask.
 */
export async function startCompanionSigner(options: SignerOptions) {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://signer");
    response.setHeader("access-control-allow-origin", "*");
    if (pathname !== "/s3/params") {
      response.writeHead(404).end();
      return;
    }
    const [name, type] = [searchParams.get("filename") ?? "", searchParams.get("type") ?? ""];
    const answer = {
      method: "POST",
      url: `${options.bucketUrl}/${options.bucket}`,
      fields: signPost(options, `${options.prefix}${randomUUID()}-${name}`, type, new Date()),
    };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html */
function signPost(
  { bucket, accessKeyId, secretAccessKey }: SignerOptions,
  key: string,
  contentType: string,
  now: Date,
): Record<string, string> {
  const stamp = `${now.toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
  const day = stamp.slice(0, 8);
  const fields = {
    key,
    "Content-Type": contentType,
    success_action_status: "201",
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": `${accessKeyId}/${day}/${region}/s3/aws4_request`,
    "x-amz-date": stamp,
  };
  const policy = Buffer.from(
    JSON.stringify({
      expiration: new Date(now.getTime() + lifeMs).toISOString(),
      conditions: [{ bucket }, ...Object.entries(fields).map(([name, value]) => ({ [name]: value }))],
    }),
  ).toString("base64");
  const signingKey = [day, region, "s3", "aws4_request"].reduce<string | Buffer>(
    (secret, word) => createHmac("sha256", secret).update(word).digest(),
    `AWS4${secretAccessKey}`,
  );
  const signature = createHmac("sha256", signingKey).update(policy).digest("hex");
  return { ...fields, policy, "x-amz-signature": signature };
}
