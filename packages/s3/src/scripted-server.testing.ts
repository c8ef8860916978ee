import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createS3ObjectStore, type S3ObjectStoreOptions } from "./create-s3-object-store.ts";
import { S3AnswerError } from "./s3-answer-error.ts";

export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Answers one request, whose body was read. */
export type Step = (response: ServerResponse, request: SeenRequest) => void;

export const credentials = { accessKeyId: "AKTEST", secretAccessKey: "not a secret, for tests" };

/** A server that plays its steps in order, one for each request, and fails those that come after. */
export interface ScriptedServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly seen: readonly SeenRequest[];
  /** Connections that were opened so far. */
  connections(): number;
  /** A store in the bucket `bucket` of this server. Retries without waiting long. */
  store(options?: Partial<S3ObjectStoreOptions>): ReturnType<typeof createS3ObjectStore>;
}

export async function startScriptedServer(...steps: Step[]): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let opened = 0;
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = "", url: target = "", headers } = incoming;
    const request = { method, target, headers, body: Buffer.concat(chunks) };
    const step = steps[seen.length];
    seen.push(request);
    if (step) step(response, request);
    else response.writeHead(418).end("the script has ended");
  });
  server.on("connection", (socket) => {
    opened += 1;
    sockets.add(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    seen,
    connections: () => opened,
    store: (options = {}) =>
      createS3ObjectStore({ endpoint, region: "us-east-1", bucket: "bucket", credentials, ...options }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Answers with a body and its length. */
export const answer =
  (status: number, body = "", headers: Record<string, string> = {}): Step =>
  (response) =>
    response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers }).end(body);

/** Answers with S3's XML for an error. */
export const fail = (status: number, code: string, more = ""): Step =>
  answer(
    status,
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>It said &quot;no&quot;</Message>${more}<RequestId>R1</RequestId></Error>`,
    { "content-type": "application/xml" },
  );

export const copied: Step = answer(200, "<CopyObjectResult><ETag>&quot;x&quot;</ETag></CopyObjectResult>");

/** A check that an error is of this class, and carries what the store said. */
export const causedBy =
  (type: new () => Error, code: string, status: number) =>
  (error: unknown): boolean =>
    error instanceof type &&
    error.cause instanceof S3AnswerError &&
    error.cause.code === code &&
    error.cause.status === status;

/** Closes the connection without a word. */
export const hangUp: Step = (response) => response.socket?.destroy();

/** Says nothing, and leaves the connection open. */
export const sayNothing: Step = () => undefined;

export const listing = (keys: readonly string[], more = "<IsTruncated>false</IsTruncated>"): Step =>
  answer(
    200,
    `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${more}${keys
      .map(
        (key) =>
          `<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified><ETag>&quot;x&quot;</ETag><Size>7</Size></Contents>`,
      )
      .join("")}</ListBucketResult>`,
  );

/** Answers a HEAD that finds an object. */
export const headed =
  (sizeBytes: number, headers: Record<string, string> = {}): Step =>
  (response) =>
    response
      .writeHead(200, {
        "content-length": sizeBytes,
        "last-modified": "Fri, 02 Jan 2026 03:04:05 GMT",
        ...headers,
      })
      .end();
