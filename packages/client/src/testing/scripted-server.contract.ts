import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Me, meSchema } from "@stowage/protocol";
import { createScriptedFiles, type DerivedShape } from "./scripted-files.contract.ts";
import { createScriptedLinks } from "./scripted-links.contract.ts";
import { jsonReply, problemOf, problemReply, type Reply } from "./scripted-reply.contract.ts";
import { createScriptedStore, type ScriptedStore } from "./scripted-store.contract.ts";
import { createScriptedTokens } from "./scripted-tokens.contract.ts";
import {
  createScriptedUploads,
  type ScriptedUploads,
  type UploadRules,
} from "./scripted-uploads.contract.ts";

/** What befalls a request instead of, or after, being answered. */
export type Fault =
  /** The connection is reset before anything was done: at once, or when half of the body has come. */
  | "reset"
  | "reset-mid-body"
  /** It is done, and then the connection is reset. */
  | "commit-then-reset"
  /** Half of the answer's body comes, and then the connection is reset. */
  | "reset-mid-answer"
  /** Nothing ever comes. */
  | "hang"
  /** Somebody else answers. */
  | Reply;

export interface SeenRequest {
  readonly method: string;
  /** With the query; the store's below `/bucket/`. */
  readonly path: string;
  readonly json: unknown;
  /** The `Range` header. */
  readonly range: string | undefined;
}

export interface ScriptedServerOptions extends UploadRules {
  /** Bearer tokens of who signed in that are taken, besides those that they mint here. Default: `token`. */
  readonly tokens?: ReadonlySet<string>;
  /** Asked at each request, in the order in which they come. */
  fault?(request: {
    readonly method: string;
    readonly path: string;
    readonly index: number;
  }): Fault | undefined;
}

/** The API and its object store on one free port of this machine, in memory: what a client needs to be tested. */
export interface ScriptedServer {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  readonly store: ScriptedStore;
  readonly uploads: ScriptedUploads["all"];
  /** Gives a file a thumbnail. */
  derive(fileId: string, bytes: Buffer, shape?: DerivedShape): void;
  /** Takes away one's right to see a file. */
  hide(fileId: string): void;
  /** How many requests began like this: `POST /v1/uploads/complete`. */
  count(methodAndPath: string): number;
  close(): Promise<void>;
}

/** A portal's page: a success that is none. */
export const captivePortal: Reply = {
  status: 200,
  headers: { "content-type": "text/html" },
  body: "<html><title>Welcome to our Wi-Fi</title></html>",
};

export async function startScriptedServer(options: ScriptedServerOptions = {}): Promise<ScriptedServer> {
  const { tokens = new Set(["token"]), fault = () => undefined } = options;
  const seen: SeenRequest[] = [];
  const store = createScriptedStore(() => url);
  const uploads = createScriptedUploads(store, options);
  const files = createScriptedFiles(store, uploads);
  const minted = createScriptedTokens();
  const links = createScriptedLinks(
    () => url,
    (id) => files.answer("GET", new URL(`/v1/files/${id}`, url), undefined, {})?.status === 200,
  );

  const answerApi = (request: IncomingMessage, target: URL, json: unknown): Reply => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (token === undefined || !(tokens.has(token) || minted.isMinted(token)))
      return problemReply(problemOf("unauthenticated", "The token has expired."), {
        "www-authenticate": 'Bearer realm="stowage", error="invalid_token"',
      });
    const method = request.method ?? "";
    const refusal = tokens.has(token) ? undefined : minted.refusalOf(token, method, target);
    if (refusal) return refusal;
    if (target.pathname === "/v1/me") return jsonReply(200, meSchema, me);
    return (
      (target.pathname.startsWith("/v1/uploads") ? uploads.answer(method, target, json) : undefined) ??
      links.answer(method, target, json, headerOf(request, "idempotency-key")) ??
      minted.answer(method, target, json, headerOf(request, "idempotency-key")) ??
      files.answer(method, target, json, {
        ifMatch: request.headers["if-match"],
        ifNoneMatch: request.headers["if-none-match"],
      }) ??
      problemReply(problemOf("not-found", `There is no ${method} ${target.pathname}.`))
    );
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = request.method ?? "";
    const path = request.url ?? "";
    const target = new URL(path, url);
    if (method === "OPTIONS") return send(response, preflightReply(request));
    const befalls = fault({ method, path, index: seen.length });
    const entry = { method, path, json: undefined as unknown, range: request.headers.range };
    seen.push(entry);
    if (befalls === "reset") return void request.socket.destroy();
    const body = await readBody(request, befalls === "reset-mid-body");
    if (!body || befalls === "hang") return;
    // As both services do for a page of another origin: without credentials, so that any may ask.
    if (request.headers.origin !== undefined) response.setHeaders(corsHeaders);
    if (typeof befalls === "object") return send(response, befalls);
    const isStore = path.startsWith("/bucket/");
    entry.json = isStore || body.length === 0 ? undefined : JSON.parse(body.toString("utf8"));
    const reply = isStore ? store.answer(request, target, body) : answerApi(request, target, entry.json);
    if (befalls === "commit-then-reset") return void request.socket.destroy();
    send(response, reply, befalls === "reset-mid-answer");
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    seen,
    store,
    uploads: uploads.all,
    derive: files.derive,
    hide: files.hide,
    count: (methodAndPath) =>
      seen.filter(({ method, path }) => `${method} ${path}`.startsWith(methodAndPath)).length,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const headerOf = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
};

const corsHeaders = new Headers({
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "ETag, Retry-After, RateLimit, WWW-Authenticate, Location",
});

/** What a page of another origin asks before; it is no request of the client's, and not seen. */
const preflightReply = ({ headers }: IncomingMessage): Reply => ({
  status: 204,
  headers: {
    ...Object.fromEntries(corsHeaders),
    "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
    "access-control-allow-headers": headers["access-control-request-headers"] ?? "",
  },
  body: "",
});

function send(response: ServerResponse, { status, headers = {}, body }: Reply, resetMidBody = false): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  if (resetMidBody) response.write(body.slice(0, body.length / 2), () => response.destroy());
  else response.end(body);
}

/** Nothing where the connection ended before the body did. */
async function readBody(request: IncomingMessage, resetMidBody: boolean): Promise<Buffer | undefined> {
  const expected = Number(request.headers["content-length"] ?? 0);
  const chunks: Buffer[] = [];
  let received = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      received += chunk.length;
      if (resetMidBody && received >= expected / 2) request.socket.destroy();
    }
  } catch {
    // Reset by either side: nobody is left to be answered.
    return undefined;
  }
  if (resetMidBody) request.socket.destroy();
  return resetMidBody ? undefined : Buffer.concat(chunks);
}

const me: Me = {
  id: "me",
  issuer: "http://127.0.0.1/oidc",
  subject: "subject",
  email: "someone@example.test",
  createdAt: "2026-01-01T00:00:00.000Z",
  scopes: ["files:read", "files:write", "uploads:write"],
  usedBytes: 1_500_000,
  reservedBytes: 0,
  quotaBytes: 10_000_000_000,
  usedFiles: 1,
  quotaFiles: null,
  openUploads: 0,
  limits: { openUploads: 1000, createsPerMinute: 1200 },
  profiles: [{ name: "default", types: [{ contentType: "image/jpeg", maxSizeBytes: 20_000_000 }] }],
};
