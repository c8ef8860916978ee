import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buildPage } from "./build-page.contract.ts";

const shell = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title>
<body><main id="root"></main><script type="module" src="/page.js"></script></body></html>`;

export interface ServedPage {
  readonly port: number;
  close(): Promise<void>;
}

export interface ServePageOptions {
  readonly contentSecurityPolicy?: string | undefined;
  /** Where the paths that are asked for are noted. */
  readonly requested?: string[];
  /** A service worker's module, served at `/stowage-sw.js`. */
  readonly worker?: URL | undefined;
  /** Default false: with the builds of libraries that applications ship. */
  readonly isDevelopment?: boolean | undefined;
}

/** Serves an empty page with a module of TypeScript, on a port of this machine. */
export async function servePage(
  entry: URL,
  { contentSecurityPolicy, requested = [], worker, isDevelopment }: ServePageOptions = {},
): Promise<ServedPage> {
  const modules = new Map(await buildPage(entry, isDevelopment));
  const script = worker && (await buildPage(worker)).get("/page.js");
  if (script) modules.set("/stowage-sw.js", script);
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requested.push(path);
    const body = path === "/" ? shell : modules.get(path);
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": path === "/" ? "text/html" : "text/javascript",
      ...(contentSecurityPolicy !== undefined && { "content-security-policy": contentSecurityPolicy }),
    });
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
