import { createHash } from "node:crypto";
import type { AnswerUnknownAddress, ApiServer } from "@stowage/api";
import { type Asset, addServerFacts, type ServerFacts, type Site } from "@stowage/web";
import { acceptedEncoding } from "./accepted-encoding.ts";
import { serveWorker } from "./serve-worker.ts";
import { assetHeaders, pageHeaders, type SiteOrigins } from "./site-headers.ts";

/** Addresses of the app's screens: the page knows which is meant. */
const screens = ["/", "/trash", "/files/:id", "/albums", "/albums/:id", "/shared", "/l", "/i"];

/** What lies below these is never a screen, whatever a client says it accepts. */
const notScreens = /^\/(v1|oidc|session|assets|\.well-known)(\/|$)/;

interface ReadyPage {
  readonly body: string;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The page as it goes out under these origins, yet to be served. */
export function makePage(site: Site, origins: SiteOrigins, signUp: ServerFacts["signUp"]): ReadyPage {
  const body = addServerFacts(site.page, { publicUrl: origins.publicUrl, signUp });
  const headers = pageHeaders(origins);
  const digest = createHash("sha256").update(body).update(JSON.stringify(headers)).digest("base64url");
  return { body, etag: `"${digest.slice(0, 22)}"`, headers };
}

/** Serves the web app: its screens, and what they load. */
export function serveSite(server: ApiServer, site: Site, page: ReadyPage, origins: SiteOrigins): void {
  for (const path of screens)
    server.get(path, { schema: { hide: true } }, (request, reply) => {
      reply.headers({ ...page.headers, etag: page.etag });
      if (request.headers["if-none-match"] === page.etag) return reply.code(304).send();
      return reply.type("text/html; charset=utf-8").send(page.body);
    });
  serveWorker(server, site, origins);
  const headers = assetHeaders(origins);
  for (const asset of site.assets)
    server.get(asset.path, { schema: { hide: true } }, (request, reply) => {
      const { body, encoding } = encodedBody(asset, request.headers["accept-encoding"]);
      reply.headers(headers).type(asset.contentType);
      // An asset is data of its own: a policy would bind only who opens it as a page.
      if (encoding) reply.header("content-encoding", encoding);
      return reply.send(body);
    });
}

/** A person who follows a link to nowhere gets the app, which says so; a program gets the API's problem. */
export const answerWithPage =
  (page: ReadyPage): AnswerUnknownAddress =>
  (request, reply) => {
    const { method, headers, url } = request;
    if (method !== "GET" && method !== "HEAD") return undefined;
    if (!headers.accept?.includes("text/html") || notScreens.test(url)) return undefined;
    return reply.code(404).headers(page.headers).type("text/html; charset=utf-8").send(page.body);
  };

function encodedBody(asset: Asset, accepted: string | undefined): { body: Buffer; encoding?: "br" | "gzip" } {
  const bodies = { br: asset.brotli, gzip: asset.gzip };
  const atHand = (["br", "gzip"] as const).filter((encoding) => bodies[encoding] !== undefined);
  const encoding = acceptedEncoding(accepted, atHand);
  const body = encoding && bodies[encoding];
  return encoding && body ? { body, encoding } : { body: asset.body };
}
