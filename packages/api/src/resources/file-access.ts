import { breakGlass, explainAccess } from "@stowage/core";
import {
  accessSchema,
  breakGlassSchema,
  explainAccessQuerySchema,
  glassBreakSchema,
  idSchema,
} from "@stowage/protocol";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { callerOf } from "../authentication/authenticate.ts";
import { presentGlassBreak } from "../present/file.ts";

const tags = ["sharing"];
const params = z.object({ id: idSchema });

/** `/v1/files/{id}/access` and `/break-glass`: who may see a file and why, and how an operator does. */
export function fileAccessRoutes(server: ApiServer, { services, authenticate }: ApiContext): void {
  server.get(
    "/v1/files/:id/access",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags,
        summary: "What somebody may do with one's file, and why",
        description:
          "For its owner. An id that nobody has is answered as a stranger's. One's own is in each File.",
        params,
        querystring: explainAccessQuerySchema,
        response: { 200: accessSchema },
      },
    },
    async (request) => {
      const { can, ...access } = await explainAccess(
        services,
        callerOf(request),
        request.params.id,
        request.query.userId,
      );
      return { ...access, can: [...can] };
    },
  );

  server.post(
    "/v1/files/:id/break-glass",
    {
      onRequest: authenticate("operations:read"),
      schema: {
        tags,
        summary: "For operators: see somebody's file for an hour",
        description:
          "Audited, and told to its owner with the reason. They see it as whoever it is shared with does: its rendition, and nothing that is sealed.",
        params,
        body: breakGlassSchema,
        response: { 201: glassBreakSchema },
      },
    },
    async (request, reply) => {
      const broken = await breakGlass(services, callerOf(request), request.params.id, request.body.reason);
      return reply.code(201).send(presentGlassBreak(broken));
    },
  );
}
