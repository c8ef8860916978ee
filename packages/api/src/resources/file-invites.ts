import { type FileInviteRecord, inviteToFile, listFileInvites, withdrawFileInvite } from "@stowage/core";
import {
  type FileInvite,
  fileInviteListSchema,
  fileInviteSchema,
  idSchema,
  inviteToFileSchema,
  listQuerySchema,
} from "@stowage/protocol";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { callerOf } from "../authentication/authenticate.ts";
import { decodeCursor, encodeCursor } from "../present/cursor.ts";
import { timestamp } from "../present/upload.ts";

const defaultLimit = 50;
const cursorList = "file-invites";
const tags = ["sharing"];
const params = z.object({ id: idSchema });

const presentInvite = (invite: FileInviteRecord): FileInvite => ({
  id: invite.id,
  email: invite.email,
  createdAt: timestamp(invite.createdAtMs),
  expiresAt: timestamp(invite.expiresAtMs),
  ...(invite.grantEndsAtMs === undefined ? {} : { endsAt: timestamp(invite.grantEndsAtMs) }),
});

/** `/v1/files/{id}/invites`: to which addresses a file was offered. Its owner's alone. */
export function fileInviteRoutes(server: ApiServer, { services, authenticate }: ApiContext): void {
  server.post(
    "/v1/files/:id/invites",
    {
      onRequest: authenticate("files:write"),
      schema: {
        tags,
        summary: "Share a file with whoever has an e-mail address, once they accept",
        description:
          "Nobody is written to, and no address is looked up: it shows at `GET /v1/invites` of whoever signs in with it, where their issuer says that it is verified. The same address again gets a new end.",
        params,
        body: inviteToFileSchema,
        response: { 201: fileInviteSchema },
      },
    },
    async (request, reply) => {
      const { email, endsAt } = request.body;
      const invite = await inviteToFile(services, callerOf(request), request.params.id, {
        email,
        ...(endsAt === undefined ? {} : { endsAtMs: Date.parse(endsAt) }),
      });
      return reply.code(201).send(presentInvite(invite));
    },
  );

  server.get(
    "/v1/files/:id/invites",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags,
        summary: "Invites to a file that wait to be accepted",
        params,
        querystring: listQuerySchema,
        response: { 200: fileInviteListSchema },
      },
    },
    async (request) => {
      const { limit = defaultLimit, cursor } = request.query;
      const after = decodeCursor(cursorList, "string", cursor);
      const page = await listFileInvites(services, callerOf(request), request.params.id, {
        limit,
        ...(after ? { after: after.id } : {}),
      });
      return {
        items: page.items.map(presentInvite),
        nextCursor: page.next === undefined ? null : encodeCursor(cursorList, { key: "", id: page.next }),
      };
    },
  );

  server.delete(
    "/v1/files/:id/invites/:inviteId",
    {
      onRequest: authenticate("files:write"),
      schema: {
        tags,
        summary: "Withdraw an invite that waits",
        params: z.object({ id: idSchema, inviteId: idSchema }),
        response: { 204: z.undefined().describe("No body") },
      },
    },
    async (request, reply) => {
      const { id, inviteId } = request.params;
      await withdrawFileInvite(services, callerOf(request), id, inviteId);
      return reply.code(204).send();
    },
  );
}
