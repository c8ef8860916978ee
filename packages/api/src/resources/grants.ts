import { getGrant, grantFile, type KnownGrant, listGrants, revokeGrant, withPerson } from "@stowage/core";
import {
  type Grant,
  grantListSchema,
  grantSchema,
  idSchema,
  listQuerySchema,
  putGrantSchema,
} from "@stowage/protocol";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { callerOf } from "../authentication/authenticate.ts";
import { decodeCursor, encodeCursor } from "../present/cursor.ts";
import { timestamp } from "../present/upload.ts";

const defaultLimit = 50;
const cursorList = "grants";
const tags = ["sharing"];
const params = z.object({ id: idSchema });
const grantParams = z.object({ id: idSchema, userId: idSchema });

const presentGrant = ({ grant: { userId, grantedAtMs, endsAtMs }, name, email }: KnownGrant): Grant => ({
  userId,
  grantedAt: timestamp(grantedAtMs),
  ...(endsAtMs === undefined ? {} : { endsAt: timestamp(endsAtMs) }),
  ...(name === undefined ? {} : { name }),
  ...(email === undefined ? {} : { email }),
});

/** `/v1/files/{id}/grants`: with which people a file is shared. Its owner's alone. */
export function grantRoutes(server: ApiServer, { services, authenticate }: ApiContext): void {
  server.get(
    "/v1/files/:id/grants",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags,
        summary: "With whom a file is shared",
        description: "For its owner, by the people's ids. A page may be short where rights have just ended.",
        params,
        querystring: listQuerySchema,
        response: { 200: grantListSchema },
      },
    },
    async (request) => {
      const { limit = defaultLimit, cursor } = request.query;
      const after = decodeCursor(cursorList, "string", cursor);
      const page = await listGrants(services, callerOf(request), request.params.id, {
        limit,
        ...(after ? { after: String(after.key) } : {}),
      });
      return {
        items: page.items.map(presentGrant),
        nextCursor: page.next === undefined ? null : encodeCursor(cursorList, { key: page.next, id: "" }),
      };
    },
  );

  server.get(
    "/v1/files/:id/grants/:userId",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags,
        summary: "Whether a file is shared with one person",
        params: grantParams,
        response: { 200: grantSchema },
      },
    },
    async (request) => {
      const { id, userId } = request.params;
      return presentGrant(await getGrant(services, callerOf(request), id, userId));
    },
  );

  server.put(
    "/v1/files/:id/grants/:userId",
    {
      onRequest: authenticate("files:write"),
      schema: {
        tags,
        summary: "Share a file with one person, or change until when",
        description:
          "They get the rendition of the current version, and may look at nothing else. Ids are not looked up: one that nobody has is answered alike.",
        params: grantParams,
        body: putGrantSchema,
        response: { 200: grantSchema },
      },
    },
    async (request) => {
      const { id, userId } = request.params;
      const { endsAt } = request.body ?? {};
      const grant = await grantFile(services, callerOf(request), id, {
        userId,
        ...(endsAt === undefined ? {} : { endsAtMs: Date.parse(endsAt) }),
      });
      return presentGrant(await withPerson(services, callerOf(request), grant));
    },
  );

  server.delete(
    "/v1/files/:id/grants/:userId",
    {
      onRequest: authenticate("files:write"),
      schema: {
        tags,
        summary: "Share a file with one person no more",
        description: "URLs that they were given before work until they end: ten minutes at most.",
        params: grantParams,
        response: { 204: z.undefined().describe("No body") },
      },
    },
    async (request, reply) => {
      const { id, userId } = request.params;
      await revokeGrant(services, callerOf(request), id, userId);
      return reply.code(204).send();
    },
  );
}
