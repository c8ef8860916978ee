import {
  type AlbumChange,
  albumList,
  changeAlbum,
  createAlbum,
  deleteAlbum,
  findAlbum,
  listAlbumFiles,
  listAlbums,
  removeAlbumFile,
  revealAlbum,
} from "@stowage/core";
import {
  albumListSchema,
  albumSchema,
  type ChangeAlbumRequest,
  changeAlbumSchema,
  createAlbumSchema,
  fileListSchema,
  idSchema,
  listAlbumsQuerySchema,
  albumParamsSchema as params,
} from "@stowage/protocol";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { callerOf } from "../authentication/authenticate.ts";
import { albumEtagOf, presentAlbum } from "../present/album.ts";
import { decodeCursor, encodeCursor } from "../present/cursor.ts";
import { presentFile } from "../present/file.ts";
import { expectedRevision, ifMatchHeaders } from "./entity-tags.ts";
import { idempotencyKeyHeaders } from "./idempotency-key.ts";

const defaultLimit = 50;
const cursorList = "albums";
const tags = ["albums"];
const noContent = z.undefined().describe("No body");

/** `/v1/albums`: files that people put together, perhaps sealed until a reveal. */
export function albumRoutes(
  server: ApiServer,
  { services, authenticate, fileListCursors }: ApiContext,
): void {
  server.post(
    "/v1/albums",
    {
      onRequest: authenticate("albums:write"),
      schema: {
        tags,
        summary: "Make an album; with revealAt it is sealed until then",
        headers: idempotencyKeyHeaders,
        body: createAlbumSchema,
        response: {
          200: albumSchema.describe("Made by the same request before, under the same Idempotency-Key"),
          201: albumSchema,
        },
      },
    },
    async (request, reply) => {
      const { name, revealAt, shotsPerMember } = request.body;
      const made = await createAlbum(services, callerOf(request), {
        name,
        ...(revealAt === undefined ? {} : { revealAtMs: Date.parse(revealAt) }),
        ...(shotsPerMember === undefined ? {} : { shotsPerMember }),
        idempotencyKey: request.headers["idempotency-key"],
      });
      return reply
        .code(made.isRepeat ? 200 : 201)
        .header("etag", albumEtagOf(made.album))
        .header("location", `/v1/albums/${made.album.id}`)
        .send(presentAlbum(made));
    },
  );

  server.get(
    "/v1/albums",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags,
        summary: "The albums of which one is a member, joined last first",
        querystring: listAlbumsQuerySchema,
        response: { 200: albumListSchema },
      },
    },
    async (request) => {
      const { limit = defaultLimit, cursor } = request.query;
      const after = decodeCursor(cursorList, "number", cursor);
      const page = await listAlbums(services, callerOf(request), {
        limit,
        ...(after ? { after: { joinedAtMs: Number(after.key), id: after.id } } : {}),
      });
      return {
        items: page.items.map(presentAlbum),
        nextCursor: page.next
          ? encodeCursor(cursorList, { key: page.next.joinedAtMs, id: page.next.id })
          : null,
      };
    },
  );

  server.get(
    "/v1/albums/:id",
    {
      onRequest: authenticate("files:read"),
      schema: { tags, summary: "An album", params, response: { 200: albumSchema } },
    },
    async (request, reply) => {
      const seen = await findAlbum(services, callerOf(request), "see", request.params.id);
      return reply.header("etag", albumEtagOf(seen.album)).send(presentAlbum(seen));
    },
  );

  server.patch(
    "/v1/albums/:id",
    {
      onRequest: authenticate("albums:write"),
      schema: {
        tags,
        summary: "Change its name, shots or, while it is sealed, its reveal",
        params,
        headers: ifMatchHeaders,
        body: changeAlbumSchema,
        response: { 200: albumSchema },
      },
    },
    async (request, reply) => {
      const expected = expectedRevision(request.headers["if-match"]);
      const change = changeOf(request.body);
      const seen = await changeAlbum(services, callerOf(request), request.params.id, expected, change);
      return reply.header("etag", albumEtagOf(seen.album)).send(presentAlbum(seen));
    },
  );

  server.delete(
    "/v1/albums/:id",
    {
      onRequest: authenticate("albums:write"),
      schema: {
        tags,
        summary: "Delete it; the files in it stay their owners'. While it is sealed only if it is empty",
        params,
        headers: ifMatchHeaders,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const expected = expectedRevision(request.headers["if-match"]);
      await deleteAlbum(services, callerOf(request), request.params.id, expected);
      return reply.code(204).send();
    },
  );

  server.post(
    "/v1/albums/:id/reveal",
    {
      onRequest: authenticate("albums:write"),
      schema: {
        tags,
        summary: "Reveal it before its time, once and for good",
        params,
        body: z.strictObject({}).nullish(),
        response: { 200: albumSchema },
      },
    },
    async (request, reply) => {
      const seen = await revealAlbum(services, callerOf(request), request.params.id);
      return reply.header("etag", albumEtagOf(seen.album)).send(presentAlbum(seen));
    },
  );

  server.get(
    "/v1/albums/:id/files",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags,
        summary: "Its files, newest first, whoever sent them; 404 while it is sealed",
        params,
        querystring: listAlbumsQuerySchema,
        response: { 200: fileListSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { limit = defaultLimit, cursor } = request.query;
      const list = albumList(id);
      const after = fileListCursors.decode(list, cursor);
      const page = await listAlbumFiles(services, callerOf(request), id, {
        limit,
        ...(after ? { after } : {}),
      });
      return {
        items: page.items.map(presentFile),
        nextCursor: page.next ? fileListCursors.encode(list, page.next) : null,
      };
    },
  );

  server.delete(
    "/v1/albums/:id/files/:fileId",
    {
      onRequest: authenticate("albums:write"),
      schema: {
        tags,
        summary: "Take a file out of it; it stays its owner's",
        params: params.extend({ fileId: idSchema }),
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await removeAlbumFile(services, callerOf(request), request.params.id, request.params.fileId);
      return reply.code(204).send();
    },
  );
}

const changeOf = ({ name, revealAt, shotsPerMember }: ChangeAlbumRequest): AlbumChange => ({
  ...(name === undefined ? {} : { name }),
  ...(revealAt === undefined ? {} : { revealAtMs: Date.parse(revealAt) }),
  ...(shotsPerMember === undefined ? {} : { shotsPerMember }),
});
