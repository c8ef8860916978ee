import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the target saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  bodyBytes: number;
  /** `whole`, or how its connection ended before that. */
  readonly ended: Promise<"whole" | "broken">;
}

export interface TinyTarget {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

export const answerBytes = 100_000;
/** Of a body that is not wanted, before its connection is broken. */
const earlyPatienceBytes = 300_000;
export const targetDate = "Thu, 26 Nov 2026 12:00:00 GMT";

/**
 * Counts bodies; answers `answerBytes` to GET, nothing to PUT, and what it saw to POST, preflights as a store does.
 * `/early` is answered before its body comes, of which not all is heard, `/break` in half and never ended.
 */
export async function startTinyTarget(): Promise<TinyTarget> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    const ended = new Promise<"whole" | "broken">((resolve) => {
      request.once("end", () => resolve("whole")).once("close", () => resolve("broken"));
    });
    const one: SeenRequest = { method, path: url, headers, bodyBytes: 0, ended };
    seen.push(one);
    response.setHeader("date", targetDate);
    request.on("error", () => response.destroy());
    if (url === "/early") {
      response.writeHead(412, { "content-length": 0 }).end();
      request.on("data", (piece: Buffer) => {
        one.bodyBytes += piece.length;
        if (one.bodyBytes > earlyPatienceBytes) request.destroy();
      });
      return;
    }
    request
      .on("data", (piece: Buffer) => {
        one.bodyBytes += piece.length;
      })
      .once("end", () => {
        if (url === "/break") {
          response.writeHead(200, { "content-length": answerBytes });
          response.write(Buffer.alloc(answerBytes / 2), () => response.destroy());
        } else if (method === "OPTIONS")
          response
            .writeHead(204, { "access-control-allow-origin": "*", "access-control-allow-methods": "PUT" })
            .end();
        else if (method === "PUT") response.writeHead(200, { etag: '"e"', "content-length": 0 }).end();
        else if (method === "POST")
          response.end(JSON.stringify({ bodyBytes: one.bodyBytes, host: headers.host }));
        else response.writeHead(200, { "content-length": answerBytes }).end(Buffer.alloc(answerBytes, "a"));
      });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
