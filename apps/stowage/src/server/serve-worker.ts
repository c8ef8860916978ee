import { createHash } from "node:crypto";
import type { ApiServer } from "@stowage/api";
import type { Site } from "@stowage/web";
import { type SiteOrigins, workerHeaders } from "./site-headers.ts";

/** Beside all screens: a service worker is in charge of what lies below its own folder (Service Workers, section 4.1). */
const workerPath = "/stowage-sw.js";

/** Serves the web app's service worker. Browsers ask for it anew at each visit. */
export function serveWorker(server: ApiServer, { worker }: Site, origins: SiteOrigins): void {
  const headers = workerHeaders(origins);
  const etag = `"${createHash("sha256").update(worker).digest("base64url").slice(0, 22)}"`;
  server.get(workerPath, { schema: { hide: true } }, (request, reply) => {
    reply.headers({ ...headers, etag });
    if (request.headers["if-none-match"] === etag) return reply.code(304).send();
    return reply.type("text/javascript; charset=utf-8").send(worker);
  });
}
