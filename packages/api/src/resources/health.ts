import { z } from "zod";
import type { ApiServer } from "../api-context.ts";
import { retryAfterSeconds } from "../problems/answer-error.ts";

/** Something that the API can't do without. */
export interface Dependency {
  readonly name: string;
  /** Throws where it does not answer. */
  check(): Promise<void>;
}

const readinessSchema = z
  .object({ ready: z.boolean(), dependencies: z.array(z.object({ name: z.string(), ready: z.boolean() })) })
  .meta({ id: "Readiness" });

/** `/healthz`: this process answers. `/readyz`: so does each thing that it needs. */
export function healthRoutes(server: ApiServer, dependencies: readonly Dependency[]): void {
  server.get(
    "/healthz",
    {
      logLevel: "warn",
      schema: {
        tags: ["operations"],
        summary: "Liveness",
        security: [],
        response: { 200: z.object({ ok: z.literal(true) }) },
      },
    },
    async () => ({ ok: true as const }),
  );

  server.get(
    "/readyz",
    {
      logLevel: "warn",
      schema: {
        tags: ["operations"],
        summary: "Readiness of each dependency",
        security: [],
        response: { 200: readinessSchema, 503: readinessSchema },
      },
    },
    async (request, reply) => {
      const results = await Promise.all(
        dependencies.map(async ({ name, check }) => {
          try {
            await check();
            return { name, ready: true };
          } catch (error) {
            request.log.warn({ err: error, dependency: name }, "dependency is not ready");
            return { name, ready: false };
          }
        }),
      );
      const ready = results.every((result) => result.ready);
      if (!ready) reply.header("retry-after", retryAfterSeconds);
      return reply.code(ready ? 200 : 503).send({ ready, dependencies: results });
    },
  );
}
