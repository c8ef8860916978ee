import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ObjectStoreCapabilities } from "@stowage/core";
import { createVerifier, SignatureRefusedError } from "@stowage/sigv4";
import { credentials } from "./scripted-server.testing.ts";

export interface FakeS3 extends AsyncDisposable {
  readonly endpoint: string;
  readonly keys: () => readonly string[];
  /** Requests that are answered 503 before they are looked at, from the next on. */
  outage: number;
}

/** A server of one bucket for PUT, GET and DELETE, as strict or as lax as `capabilities` says. */
export async function startFakeS3(capabilities: ObjectStoreCapabilities): Promise<FakeS3> {
  const objects = new Map<string, Buffer>();
  const verify = createVerifier({
    region: "us-east-1",
    findSecretAccessKey: (id) => (id === credentials.accessKeyId ? credentials.secretAccessKey : undefined),
    now: () => new Date(),
  });

  const serve = (
    request: IncomingMessage,
    body: Buffer,
  ): { status: number; code?: string; body?: Buffer } => {
    if (fake.outage > 0) {
      fake.outage -= 1;
      return { status: 503, code: "SlowDown" };
    }
    const { method = "", url: target = "" } = request;
    let headers = new Map(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    if (!capabilities.enforcesSignedHeaders && target.includes("?"))
      headers = new Map([...headers].filter(([name]) => !name.startsWith("x-amz-") || target.includes(name)));
    try {
      verify({ method, target, headers });
    } catch (error) {
      if (error instanceof SignatureRefusedError) return { status: 403, code: error.code };
      throw error;
    }
    const key = target.split("?")[0] ?? "";
    if (method === "DELETE") {
      objects.delete(key);
      return { status: 204 };
    }
    if (method === "GET") {
      const found = objects.get(key);
      return found ? { status: 200, body: found } : { status: 404, code: "NoSuchKey" };
    }
    const digest = createHash("sha256").update(body).digest("base64");
    if (capabilities.enforcesChecksum && digest !== headers.get("x-amz-checksum-sha256"))
      return { status: 400, code: "BadDigest" };
    if (capabilities.enforcesIfNoneMatch && objects.has(key))
      return { status: 412, code: "PreconditionFailed" };
    objects.set(key, body);
    return { status: 200 };
  };

  const answer = (response: ServerResponse, request: IncomingMessage, received: Buffer): void => {
    const { status, code, body } = serve(request, received);
    if (capabilities.setsSecurityHeaders) {
      response.setHeader("x-content-type-options", "nosniff");
      response.setHeader("content-security-policy", "default-src 'none'; sandbox");
    }
    response.writeHead(status).end(code === undefined ? body : `<Error><Code>${code}</Code></Error>`);
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(response, request, Buffer.concat(chunks)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const fake: FakeS3 = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys: () => [...objects.keys()],
    outage: 0,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return fake;
}
