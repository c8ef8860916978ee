import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CommandError } from "../command.ts";
import { escapeText } from "../escape-text.ts";
import { isLoopback } from "./issuer-client.ts";
import { pageHeaders, renderPage, type SignInPage } from "./sign-in-page.ts";

/** Where the issuer sends the browser back to (RFC 8252 section 7.3). */
export interface LoopbackListener {
  /** The one that was wanted, or `http://127.0.0.1:PORT/callback`. */
  readonly redirectUri: string;
  /** Ends when the answers that were begun have been sent. */
  close(): Promise<void>;
}

/** A browser that does not take its page is not waited for. */
const closeAfterMs = 2_000;

/**
 * Listens on 127.0.0.1 alone for the browser that comes back: on a free port, or on the one that the issuer wants.
 *
 * @param wanted - an address of this machine with a port, where the issuer takes no other
 * @param answer - gets the redirect's parameters and gives the page for it
 * @throws CommandError where that port is taken, or that address is none of this machine
 */
export async function listenForRedirect(
  wanted: string | undefined,
  answer: (params: URLSearchParams) => Promise<SignInPage>,
): Promise<LoopbackListener> {
  const place = wanted === undefined ? undefined : parseWanted(wanted);
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
    if (url?.pathname !== expected.pathname || request.headers.host !== expected.host)
      return void response.writeHead(404, { "content-type": "text/plain" }).end("There is nothing here.\n");
    if (request.method !== "GET") return void response.writeHead(405, { allow: "GET" }).end();
    const page = await answer(url.searchParams);
    response.writeHead(page.status, pageHeaders).end(renderPage(page));
  }

  server.listen(place === undefined ? 0 : Number(place.port), "127.0.0.1");
  await once(server, "listening").catch((cause: unknown) => {
    if (place === undefined) throw cause;
    throw new CommandError(
      `The sign-in comes back to port ${place.port} of this machine, and something else listens there: is another sign-in under way?`,
      1,
      { cause },
    );
  });
  const expected = place ?? new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`);
  const redirectUri = expected.href;
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

function parseWanted(wanted: string): URL {
  const url = URL.canParse(wanted) ? new URL(wanted) : undefined;
  if (
    url?.protocol === "http:" &&
    isLoopback(url.hostname) &&
    url.port !== "" &&
    url.search + url.hash === ""
  )
    return url;
  throw new CommandError(
    `The server wants the sign-in to come back to ${escapeText(wanted)}, which is no port of this machine. Whoever runs the server can look at its settings.`,
  );
}
