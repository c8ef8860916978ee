import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createVerifier, SignatureRefusedError } from "@stowage/sigv4";
import { credentials } from "../scripted-server.testing.ts";
import type { StoreCheckName } from "./store-check.ts";

export interface LaxS3 extends AsyncDisposable {
  readonly endpoint: string;
  /** What is stored, and multipart uploads under way. */
  readonly left: () => readonly string[];
}

interface Reply {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const allowedOrigin = "https://app.example";
const error = (status: number, code: string): Reply => ({
  status,
  body: `<Error><Code>${code}</Code></Error>`,
});
const digestOf = (body: Buffer) => createHash("sha256").update(body).digest("base64");

/** As much of a bucket as an examination asks for, which does wrong what `lax` names, and nothing else. */
export async function startLaxS3(lax: ReadonlySet<StoreCheckName>): Promise<LaxS3> {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, string>();
  let claimedNow = new Date();
  const verify = createVerifier({
    region: "us-east-1",
    findSecretAccessKey: (id) => (id === credentials.accessKeyId ? credentials.secretAccessKey : undefined),
    now: () => (lax.has("expiry") ? claimedNow : new Date()),
  });

  const refusal = (request: IncomingMessage, query: URLSearchParams): Reply | undefined => {
    const { method = "", url: target = "" } = request;
    const isPresigned = query.has("X-Amz-Signature");
    const signed = query.get("X-Amz-SignedHeaders")?.split(";") ?? [];
    const headers = new Map(
      Object.entries(request.headers)
        .filter(([name]) => {
          if (!isPresigned || signed.includes(name)) return true;
          if (name === "x-amz-copy-source") return !lax.has("copy-source");
          return !(name.startsWith("x-amz-") && lax.has("signed-headers"));
        })
        .map(([name, value]) => [name, String(value)]),
    );
    const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get("X-Amz-Date") ?? "");
    claimedNow = date ? new Date(`${date.slice(1, 4).join("-")}T${date.slice(4).join(":")}Z`) : new Date();
    if (!isPresigned && !headers.has("authorization")) {
      const isList = query.has("list-type");
      return lax.has(isList ? "anonymous-list" : "anonymous-read") ? undefined : error(403, "AccessDenied");
    }
    try {
      verify({ method, target, headers });
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof SignatureRefusedError)) throw thrown;
      if (lax.has("content-length") && Number(headers.get("content-length")) !== 64) return undefined;
      return error(403, thrown.code);
    }
  };

  const preflight = (origin: string): Reply => {
    const isOurs = origin === allowedOrigin ? !lax.has("cors") : lax.has("cors-others");
    if (!isOurs) return error(403, "AccessForbidden");
    return {
      status: 200,
      headers: { "access-control-allow-headers": "content-type, if-none-match, x-amz-checksum-sha256" },
    };
  };

  const serve = (request: IncomingMessage, body: Buffer): Reply => {
    const { method = "", headers } = request;
    const url = new URL(request.url ?? "", "http://store");
    const { pathname: key, searchParams: query } = url;
    if (method === "OPTIONS") return preflight(String(headers.origin));
    const refused = refusal(request, query);
    if (refused) return refused;
    const uploadId = query.get("uploadId");
    const checksum = headers["x-amz-checksum-sha256"];

    if (query.has("uploads")) {
      if (lax.has("multipart")) return error(501, "NotImplemented");
      if (method === "GET") return { status: 200, body: "<ListMultipartUploadsResult/>" };
      const id = String(uploads.size + 1);
      uploads.set(id, key);
      return { status: 200, body: `<R><UploadId>${id}</UploadId></R>` };
    }
    if (uploadId !== null) {
      if (method === "DELETE") return uploads.delete(uploadId) ? { status: 204 } : error(404, "NoSuchUpload");
      if (method === "GET") return { status: 200, body: "<ListPartsResult/>" };
      if (method === "PUT")
        return lax.has("part-checksum") || digestOf(body) === checksum
          ? { status: 200, headers: { etag: '"part"' } }
          : error(400, "BadDigest");
      uploads.delete(uploadId);
      // As S3 does, an error under status 200.
      if (objects.has(key) && !lax.has("complete-if-none-match")) return error(200, "PreconditionFailed");
      objects.set(key, Buffer.from("parts"));
      return { status: 200, body: "<CompleteMultipartUploadResult/>" };
    }
    if (method === "DELETE") {
      if (lax.has("permissions")) return error(403, "AccessDenied");
      objects.delete(key);
      return { status: 204 };
    }
    if (method === "PUT") {
      if (query.size > 0 && lax.has("presigned-put")) return error(403, "AccessDenied");
      if (query.size > 0 && !lax.has("checksum") && !lax.has("content-length") && digestOf(body) !== checksum)
        return error(400, "BadDigest");
      if (query.size > 0 && !lax.has("if-none-match") && objects.has(key))
        return error(412, "PreconditionFailed");
      const source = String(headers["x-amz-copy-source"] ?? "");
      objects.set(key, objects.get(source) ?? body);
      return { status: 200 };
    }
    if (query.has("list-type")) return { status: 200, body: "<ListBucketResult/>" };
    const found = objects.get(key);
    return found ? { status: 200, body: found.toString() } : error(404, "NoSuchKey");
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { status, body, headers = {} } = serve(request, Buffer.concat(chunks));
      if (lax.has("clock")) response.setHeader("date", new Date(Date.now() - 60_000).toUTCString());
      if (!lax.has("security-headers")) {
        response.setHeader("x-content-type-options", "nosniff");
        response.setHeader("content-security-policy", "default-src 'none'; sandbox");
      }
      if (request.headers.origin !== undefined && status === 200) {
        response.setHeader("access-control-allow-origin", request.headers.origin);
        response.setHeader("access-control-expose-headers", "ETag");
      }
      response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    left: () => [...objects.keys(), ...uploads.values()],
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
