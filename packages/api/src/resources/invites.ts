import {
  acceptInvite,
  declineInvite,
  listOwnInvites,
  type ReceivedInvite as ReceivedInviteRecord,
} from "@stowage/core";
import {
  acceptedInviteSchema,
  idSchema,
  listQuerySchema,
  type ReceivedInvite,
  receivedInviteListSchema,
} from "@stowage/protocol";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { callerOf } from "../authentication/authenticate.ts";
import { decodeCursor, encodeCursor } from "../present/cursor.ts";
import { presentPerson } from "../present/person.ts";
import { timestamp } from "../present/upload.ts";

const defaultLimit = 50;
const cursorList = "invites";
const tags = ["sharing"];
const params = z.object({ id: idSchema });

const presentInvite = ({ invite, file, from }: ReceivedInviteRecord): ReceivedInvite => ({
  id: invite.id,
  file: { id: file.id, name: file.name },
  from: presentPerson(from ?? { id: file.ownerId }),
  createdAt: timestamp(invite.createdAtMs),
  expiresAt: timestamp(invite.expiresAtMs),
  ...(invite.grantEndsAtMs === undefined ? {} : { endsAt: timestamp(invite.grantEndsAtMs) }),
});

/** `/v1/invites`: what others offered to one's verified e-mail address. */
export function inviteRoutes(server: ApiServer, { services, authenticate }: ApiContext): void {
  server.get(
    "/v1/invites",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags,
        summary: "Invites for one's own e-mail address",
        description:
          "For the address that one's issuer says is verified; empty where it says so of none. Accepting makes a grant.",
        querystring: listQuerySchema,
        response: { 200: receivedInviteListSchema },
      },
    },
    async (request) => {
      const { limit = defaultLimit, cursor } = request.query;
      const after = decodeCursor(cursorList, "string", cursor);
      const page = await listOwnInvites(services, callerOf(request), {
        limit,
        ...(after ? { after: after.id } : {}),
      });
      return {
        items: page.items.map(presentInvite),
        nextCursor: page.next === undefined ? null : encodeCursor(cursorList, { key: "", id: page.next }),
      };
    },
  );

  server.post(
    "/v1/invites/:id/accept",
    {
      onRequest: authenticate("files:write"),
      schema: {
        tags,
        summary: "Accept an invite: its file is shared with one",
        params,
        body: z.strictObject({}).nullish(),
        response: { 200: acceptedInviteSchema },
      },
    },
    async (request) => {
      const { fileId, endsAtMs } = await acceptInvite(services, callerOf(request), request.params.id);
      return { fileId, ...(endsAtMs === undefined ? {} : { endsAt: timestamp(endsAtMs) }) };
    },
  );

  server.delete(
    "/v1/invites/:id",
    {
      onRequest: authenticate("files:write"),
      schema: {
        tags,
        summary: "Decline an invite, for good",
        params,
        response: { 204: z.undefined().describe("No body") },
      },
    },
    async (request, reply) => {
      await declineInvite(services, callerOf(request), request.params.id);
      return reply.code(204).send();
    },
  );
}
