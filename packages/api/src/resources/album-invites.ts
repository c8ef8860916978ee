import {
  type AlbumInviteRecord,
  acceptAlbumInvite,
  createAlbumInvite,
  listAlbumInvites,
  mergeGuest,
  notFound,
  previewAlbumInvite,
  RefusedError,
  revokeAlbumInvite,
} from "@stowage/core";
import {
  type AlbumInvite,
  acceptAlbumInviteSchema,
  acceptedAlbumInviteSchema,
  albumInviteListSchema,
  albumInvitePreviewSchema,
  albumInviteSchema,
  albumParamsSchema,
  createAlbumInviteSchema,
  idSchema,
  newAlbumInviteSchema,
  previewAlbumInviteSchema,
} from "@stowage/protocol";
import { renderSVG } from "uqr";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { callerOf } from "../authentication/authenticate.ts";
import { TokenRefusedError } from "../authentication/trusted-issuer.ts";
import { presentAlbum } from "../present/album.ts";
import { timestamp } from "../present/upload.ts";
import { idempotencyKeyHeaders } from "./idempotency-key.ts";

const tags = ["albums"];

const presentInvite = (invite: AlbumInviteRecord): AlbumInvite => ({
  id: invite.id,
  role: invite.role,
  createdAt: timestamp(invite.createdAtMs),
  expiresAt: timestamp(invite.expiresAtMs),
  maxUses: invite.maxUses ?? null,
  uses: invite.uses,
});

/** `/v1/albums/{id}/invites` and `/v1/invites/{preview,accept}`: ways into an album for whoever has a token. */
export function albumInviteRoutes(server: ApiServer, context: ApiContext): void {
  const { services, authenticate, capabilityTokens, webUrl, limitAccepts } = context;

  server.post(
    "/v1/albums/:id/invites",
    {
      onRequest: authenticate("albums:write"),
      schema: {
        tags,
        summary: "Make an invite: whoever has it may join, with an account or as a guest",
        description: "The token is in this answer alone: what is kept of it can't open anything.",
        params: albumParamsSchema,
        headers: idempotencyKeyHeaders,
        body: createAlbumInviteSchema,
        response: {
          200: albumInviteSchema.describe(
            "Made by the same request before, under the same Idempotency-Key: its token, url and qr can't be shown again",
          ),
          201: newAlbumInviteSchema,
        },
      },
    },
    async (request, reply) => {
      const { expiresAt, ...wish } = request.body;
      const { invite, token } = await createAlbumInvite(services, callerOf(request), request.params.id, {
        ...wish,
        ...(expiresAt === undefined ? {} : { expiresAtMs: Date.parse(expiresAt) }),
        idempotencyKey: request.headers["idempotency-key"],
      });
      if (token === undefined) return reply.code(200).send(presentInvite(invite));
      const url = `${webUrl}/i#${token}`;
      return reply.code(201).send({ ...presentInvite(invite), token, url, qr: renderSVG(url) });
    },
  );

  server.get(
    "/v1/albums/:id/invites",
    {
      onRequest: authenticate("albums:write"),
      schema: {
        tags,
        summary: "Its invites that have not run out, newest first; 100 at most, in one page",
        params: albumParamsSchema,
        response: { 200: albumInviteListSchema },
      },
    },
    async (request) => {
      const invites = await listAlbumInvites(services, callerOf(request), request.params.id);
      return { items: invites.map(presentInvite), nextCursor: null };
    },
  );

  server.delete(
    "/v1/albums/:id/invites/:inviteId",
    {
      onRequest: authenticate("albums:write"),
      schema: {
        tags,
        summary: "Take an invite back; who has joined by it stays",
        params: albumParamsSchema.extend({ inviteId: idSchema }),
        response: { 204: z.undefined().describe("No body") },
      },
    },
    async (request, reply) => {
      const { id, inviteId } = request.params;
      await revokeAlbumInvite(services, callerOf(request), id, inviteId);
      return reply.code(204).send();
    },
  );

  server.post(
    "/v1/invites/preview",
    {
      schema: {
        tags,
        summary: "What an invite is to, before one joins; nothing is used up by it",
        security: [],
        body: previewAlbumInviteSchema,
        response: { 200: albumInvitePreviewSchema },
      },
    },
    async (request) => {
      const { invite, album } = await previewAlbumInvite(
        services,
        services.tokens.digestOf(request.body.token),
      );
      const { id, name, sealed, revealAt, shotsPerMember } = presentAlbum({ album, can: [] });
      return {
        album: {
          id,
          name,
          sealed,
          ...(revealAt === undefined ? {} : { revealAt }),
          ...(shotsPerMember === undefined ? {} : { shotsPerMember }),
        },
        role: invite.role,
      };
    },
  );

  /** @throws RefusedError `not-found` alike for what is no token of ours, and for one that has ended */
  async function rightOf(guestToken: string): Promise<string> {
    try {
      return await capabilityTokens.verify(guestToken);
    } catch (error) {
      if (error instanceof TokenRefusedError) throw new RefusedError(notFound);
      throw error;
    }
  }

  const asPerson = authenticate("albums:write");
  server.post(
    "/v1/invites/accept",
    {
      onRequest(request, reply, done) {
        if (request.headers.authorization === undefined) done();
        else asPerson.call(server, request, reply, done);
      },
      schema: {
        tags,
        summary: "Join an album by an invite's token: as oneself, or without a token as a guest",
        security: [{ bearer: [] }, {}],
        body: acceptAlbumInviteSchema,
        response: { 200: acceptedAlbumInviteSchema },
      },
    },
    async (request, reply) => {
      const caller = request.headers.authorization === undefined ? undefined : callerOf(request);
      const { token, guestToken, name } = request.body;
      const tokenHash = services.tokens.digestOf(token ?? guestToken ?? "");
      const joins = token !== undefined && (caller ? !caller.capability : name !== undefined);
      await limitAccepts(request, reply, joins ? tokenHash : undefined);
      if (guestToken !== undefined) {
        if (!caller)
          throw new RefusedError({
            code: "forbidden",
            detail: "Sign in with an account, to take over what you sent.",
          });
        const seen = await mergeGuest(services, caller, await rightOf(guestToken));
        return { album: presentAlbum(seen) };
      }
      const { guest, ...seen } = await acceptAlbumInvite(services, caller, { tokenHash, name });
      if (!guest) return { album: presentAlbum(seen) };
      const { id, right, tokenEndsAtMs } = guest;
      return {
        album: presentAlbum(seen),
        guest: { id, name: guest.name },
        token: await capabilityTokens.sign({ id: right.id, endsAtMs: tokenEndsAtMs }),
        expiresAt: timestamp(right.endsAtMs),
      };
    },
  );
}
