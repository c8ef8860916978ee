import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { ApiServer } from "../api-context.ts";
import { authenticateBySecret } from "../authentication/authenticate-by-secret.ts";
import { ApiError } from "../problems/api-error.ts";

/** What `/metrics` says, and to whom. */
export interface MetricsOptions {
  /** The exposition, whole, and its media type with the format's version. */
  read(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** Whoever sends it as `Authorization: Bearer …` may read. At least 32 characters that nobody can guess. */
  readonly token?: string;
  /** Where there is no token: whether this request may read all the same. */
  mayReadWithoutToken(request: FastifyRequest): boolean;
}

/** `/metrics`: what Prometheus asks for. No access token opens it, of an operator neither: a scraper is no person. */
export function metricsRoute(server: ApiServer, { read, token, mayReadWithoutToken }: MetricsOptions): void {
  const onRequest =
    token === undefined
      ? async (request: FastifyRequest) => {
          if (!mayReadWithoutToken(request)) throw new ApiError("unauthenticated", notFromHere, challenge);
        }
      : authenticateBySecret(token, {
          realm: "metrics",
          detail: "Only who sends the token of metrics.token may read the metrics.",
        });
  server.get(
    "/metrics",
    // A scrape every few seconds is no news.
    { logLevel: "warn", schema, onRequest },
    async (_request, reply) => {
      const { contentType, text } = await read();
      return reply.type(contentType).send(text);
    },
  );
}

const schema = {
  tags: ["operations"],
  summary: "What all processes have counted, in Prometheus' text format",
  description:
    "With the token of the setting metrics.token; where there is none, for programs of the same machine alone, and for nobody under a public name. No access token opens it.",
  security: [{ metricsToken: [] }, {}],
  response: { 200: { content: { "text/plain": { schema: z.string() } } } },
};

const notFromHere = "The metrics are read with a token here, and none is set: set metrics.token.";
const challenge = { headers: { "www-authenticate": 'Bearer realm="metrics"' } };
