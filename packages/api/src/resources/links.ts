import { createLink, type LinkTarget, listLinks, openLink, revokeLink } from "@stowage/core";
import {
  createLinkSchema,
  idSchema,
  linkListSchema,
  linkSchema,
  listLinksQuerySchema,
  openedLinkSchema,
  openLinkSchema,
} from "@stowage/protocol";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { callerOf } from "../authentication/authenticate.ts";
import { presentAlbum } from "../present/album.ts";
import { decodeCursor, encodeCursor } from "../present/cursor.ts";
import { presentFile } from "../present/file.ts";
import { presentLink } from "../present/link.ts";
import { idempotencyKeyHeaders } from "./idempotency-key.ts";

const defaultLimit = 50;
const cursorList = "links";
const tags = ["sharing"];
const params = z.object({ id: idSchema });
const linkParams = z.object({ id: idSchema, linkId: idSchema });
const noContent = z.undefined().describe("No body");

/** `/v1/links/open`, and the links to one kind of thing. */
export function linkRoutes(server: ApiServer, context: ApiContext): void {
  linksTo(server, context, "file", "/v1/files/:id/links");
  linksTo(server, context, "album", "/v1/albums/:id/links");
  openRoute(server, context);
}

/** Making, listing and taking back links to what one owns. */
function linksTo(
  server: ApiServer,
  { services, authenticate, webUrl }: ApiContext,
  kind: LinkTarget["kind"],
  path: `/v1/${string}`,
): void {
  const targetOf = (id: string): LinkTarget => ({ kind, id });
  const mayChange = kind === "file" ? "files:write" : "albums:write";

  server.post(
    path,
    {
      onRequest: authenticate(mayChange),
      schema: {
        tags,
        summary: `Make a link: whoever has it may look at ${kind === "file" ? "the file" : "what is in the album"}`,
        description:
          "The token is in this answer alone: what is kept of it can't open anything. It stands behind the # of `url`, so that no server's log has it.",
        params,
        headers: idempotencyKeyHeaders,
        body: createLinkSchema.nullish(),
        response: {
          200: linkSchema.describe(
            "Made by the same request before, under the same Idempotency-Key: its url and token can't be shown again",
          ),
          201: linkSchema,
        },
      },
    },
    async (request, reply) => {
      const { expiresAt, ...wish } = request.body ?? {};
      const { link, token } = await createLink(services, callerOf(request), targetOf(request.params.id), {
        ...wish,
        ...(expiresAt === undefined ? {} : { endsAtMs: Date.parse(expiresAt) }),
        idempotencyKey: request.headers["idempotency-key"],
      });
      if (token === undefined) return reply.code(200).send(presentLink(link));
      return reply.code(201).send({ ...presentLink(link), url: `${webUrl}/l#${token}`, token });
    },
  );

  server.get(
    path,
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags,
        summary:
          kind === "file"
            ? "The links to a file of one's own, newest first"
            : "The links to an album that one owns, newest first",
        description: "Those that have ended stay for 30 days.",
        params,
        querystring: listLinksQuerySchema,
        response: { 200: linkListSchema },
      },
    },
    async (request) => {
      const { limit = defaultLimit, cursor } = request.query;
      const after = decodeCursor(cursorList, "number", cursor);
      const page = await listLinks(services, callerOf(request), targetOf(request.params.id), {
        limit,
        ...(after ? { after: { createdAtMs: Number(after.key), id: after.id } } : {}),
      });
      return {
        items: page.items.map(presentLink),
        nextCursor: page.next
          ? encodeCursor(cursorList, { key: page.next.createdAtMs, id: page.next.id })
          : null,
      };
    },
  );

  server.delete(
    `${path}/:linkId`,
    {
      onRequest: authenticate(mayChange),
      schema: {
        tags,
        summary: "Take a link back, and with it all that was given out by it",
        params: linkParams,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const { id, linkId } = request.params;
      await revokeLink(services, callerOf(request), targetOf(id), linkId);
      return reply.code(204).send();
    },
  );
}

/** For anybody who has the token: whether they are signed in plays no part. */
function openRoute(server: ApiServer, { services, capabilityTokens }: ApiContext): void {
  server.post(
    "/v1/links/open",
    {
      schema: {
        tags,
        summary: "Open a link",
        description:
          "Gives a capability token for what the link is to, without any other. After ten wrong passphrases within an hour the link opens for nobody for the rest of it.",
        security: [],
        body: openLinkSchema,
        response: { 200: openedLinkSchema },
      },
    },
    async (request) => {
      const { link, capability, file, album } = await openLink(services, request.body);
      return {
        token: await capabilityTokens.sign(capability),
        expiresInSeconds: Math.max(0, Math.floor((capability.endsAtMs - services.clock.nowMs()) / 1000)),
        target: link.target,
        ...(file ? { file: presentFile(file) } : {}),
        ...(album ? { album: presentAlbum(album) } : {}),
      };
    },
  );
}
