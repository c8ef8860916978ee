import { getAlbumMember, listAlbumMembers, removeAlbumMember, setAlbumMember } from "@stowage/core";
import {
  albumMemberListSchema,
  albumMemberSchema,
  albumParamsSchema,
  idSchema,
  listAlbumsQuerySchema,
  setAlbumMemberSchema,
} from "@stowage/protocol";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { callerOf } from "../authentication/authenticate.ts";
import { presentMember } from "../present/album.ts";
import { decodeCursor, encodeCursor } from "../present/cursor.ts";

const defaultLimit = 50;
const cursorList = "album-members";
const tags = ["albums"];
const params = albumParamsSchema.extend({ userId: idSchema });

/** `/v1/albums/{id}/members`: who is in an album, and as what. */
export function albumMemberRoutes(server: ApiServer, { services, authenticate }: ApiContext): void {
  server.get(
    "/v1/albums/:id/members",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags,
        summary: "Who is in it, by id; its members alone are told",
        params: albumParamsSchema,
        querystring: listAlbumsQuerySchema,
        response: { 200: albumMemberListSchema },
      },
    },
    async (request) => {
      const { limit = defaultLimit, cursor } = request.query;
      const after = decodeCursor(cursorList, "string", cursor)?.id;
      const page = await listAlbumMembers(services, callerOf(request), request.params.id, {
        limit,
        ...(after === undefined ? {} : { after }),
      });
      return {
        items: page.items.map(presentMember),
        nextCursor: page.next === undefined ? null : encodeCursor(cursorList, { key: "", id: page.next }),
      };
    },
  );

  server.get(
    "/v1/albums/:id/members/:userId",
    {
      onRequest: authenticate("files:read"),
      schema: { tags, summary: "One member", params, response: { 200: albumMemberSchema } },
    },
    async (request) => {
      const { id, userId } = request.params;
      return presentMember(await getAlbumMember(services, callerOf(request), id, userId));
    },
  );

  server.put(
    "/v1/albums/:id/members/:userId",
    {
      onRequest: authenticate("albums:write"),
      schema: {
        tags,
        summary: "Put somebody in, or give them another role; known and unknown ids answer alike",
        params,
        body: setAlbumMemberSchema,
        response: { 200: albumMemberSchema },
      },
    },
    async (request) => {
      const { id, userId } = request.params;
      const member = await setAlbumMember(services, callerOf(request), id, userId, request.body.role);
      return presentMember(member);
    },
  );

  server.delete(
    "/v1/albums/:id/members/:userId",
    {
      onRequest: authenticate("albums:write"),
      schema: {
        tags,
        summary: "End a membership, or leave; what they put in stays",
        params,
        response: { 204: z.undefined().describe("No body") },
      },
    },
    async (request, reply) => {
      const { id, userId } = request.params;
      await removeAlbumMember(services, callerOf(request), id, userId);
      return reply.code(204).send();
    },
  );
}
