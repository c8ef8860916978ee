import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pageHeaders, renderPage, type SignInPage } from "./sign-in-page.ts";

/** Where the issuer sends the browser back to (RFC 8252 section 7.3). */
export interface LoopbackListener {
  /** `http://127.0.0.1:PORT/callback` */
  readonly redirectUri: string;
  /** Ends when the answers that were begun have been sent. */
  close(): Promise<void>;
}

const path = "/callback";

/** A browser that does not take its page is not waited for. */
const closeAfterMs = 2_000;

/**
 * Listens on a free port of this machine, on 127.0.0.1 alone, for the browser that comes back.
 *
 * @param answer - gets the redirect's parameters and gives the page for it
 */
export async function listenForRedirect(
  answer: (params: URLSearchParams) => Promise<SignInPage>,
): Promise<LoopbackListener> {
  const answering = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const answered = new Promise<void>((resolve) => {
      response.once("close", () => resolve());
    });
    answering.add(answered);
    response.once("close", () => answering.delete(answered));
    response.setHeader("connection", "close");
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.canParse(request.url ?? "", redirectUri)
      ? new URL(request.url ?? "", redirectUri)
      : undefined;
    // Another Host than the one we gave out is a page that found this port by a name of its own.
    if (url?.pathname !== path || request.headers.host !== new URL(redirectUri).host)
      return void response.writeHead(404, { "content-type": "text/plain" }).end("There is nothing here.\n");
    if (request.method !== "GET") return void response.writeHead(405, { allow: "GET" }).end();
    const page = await answer(url.searchParams);
    response.writeHead(page.status, pageHeaders).end(renderPage(page));
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  return {
    redirectUri,
    async close() {
      server.close();
      const late = setTimeout(() => server.closeAllConnections(), closeAfterMs);
      await Promise.all(answering);
      clearTimeout(late);
      // Also those that a browser opened and never used.
      server.closeAllConnections();
    },
  };
}
