import { createHash } from "node:crypto";
import {
  changeFile,
  chooseFileList,
  fileListCombinations,
  getFile,
  listAlbumFiles,
  listFiles,
  listFilesById,
  mintDownloads,
  noSuchList,
  notFound,
  ownFile,
  purgeFile,
  RefusedError,
  restoreFile,
  trashFile,
} from "@stowage/core";
import {
  changeFileSchema,
  contentQuerySchema,
  deleteFileQuerySchema,
  fileListSchema,
  fileSchema,
  idSchema,
  listFilesQuerySchema,
} from "@stowage/protocol";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { callerOf, challengeOf } from "../authentication/authenticate.ts";
import { etagOf, presentFile } from "../present/file.ts";
import { expectedRevision, ifMatchHeaders, ifNoneMatchHeaders, isNoneMatchFailing } from "./entity-tags.ts";
import { parseIds } from "./ids-parameter.ts";
import { gatherMetadata } from "./metadata-parameters.ts";

const defaultLimit = 50;

/** Of a list that is told whole. */
const listEtagOf = (items: readonly object[]): string =>
  `"l${createHash("sha256").update(JSON.stringify(items)).digest("base64url")}"`;
const tags = ["files"];
const params = z.object({ id: idSchema });
const noContent = z.undefined().describe("No body");

/** `/v1/files`: what people own. */
export function fileRoutes(server: ApiServer, { services, authenticate, fileListCursors }: ApiContext): void {
  server.get(
    "/v1/files",
    {
      onRequest: authenticate("files:read"),
      preValidation: gatherMetadata,
      schema: {
        tags,
        summary: "One's own files, list by list, and what others show one",
        description: `What goes together: ${fileListCombinations}. Any other combination is refused as \`unsupported-combination\`. A cursor is good for the list that gave it. Of what others show, a page may be short where rights have just ended. Of a list by \`ids\` alone there is an ETag: whoever keeps files asks by it, for next to nothing, whether they still may.`,
        querystring: listFilesQuerySchema,
        headers: ifNoneMatchHeaders,
        response: { 200: fileListSchema, 304: noContent },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { ids, ...query } = request.query;
      if (ids !== undefined) {
        if (Object.values(query).some((value) => value !== undefined)) throw new RefusedError(noSuchList);
        const items = (await listFilesById(services, caller, parseIds(ids))).map(presentFile);
        const etag = listEtagOf(items);
        reply.header("etag", etag);
        if (isNoneMatchFailing(request.headers["if-none-match"], etag)) return reply.code(304).send();
        return { items, nextCursor: null };
      }
      const { limit = defaultLimit, cursor, metadata = {}, ...asked } = query;
      const list = chooseFileList({ ...asked, metadata: Object.entries(metadata) }, caller);
      if ("code" in list) throw new RefusedError(list);
      const after = fileListCursors.decode(list, cursor);
      const { albumId } = asked;
      const from = { limit, ...(after ? { after } : {}) };
      const page = await (albumId === undefined
        ? listFiles(services, caller, { list, ...from })
        : listAlbumFiles(services, caller, albumId, from));
      return {
        items: page.items.map(presentFile),
        nextCursor: page.next ? fileListCursors.encode(list, page.next) : null,
      };
    },
  );

  server.get(
    "/v1/files/:id",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags,
        summary: "A file",
        params,
        headers: ifNoneMatchHeaders,
        response: { 200: fileSchema, 304: noContent },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const seen = await getFile(services, caller, request.params.id);
      const etag = etagOf(seen);
      reply.header("etag", etag);
      if (isNoneMatchFailing(request.headers["if-none-match"], etag)) return reply.code(304).send();
      return presentFile(seen);
    },
  );

  server.get(
    "/v1/files/:id/content",
    {
      onRequest: authenticate("files:read", { orAnonymous: true }),
      schema: {
        tags,
        summary: "Redirect to a fresh presigned URL: the reference to store",
        description:
          "Of a public file without a token, too; whatever else is asked for without one is 401, whether or not it exists.",
        security: [{}, { bearer: [] }],
        params,
        querystring: contentQuerySchema,
        response: { 302: noContent },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const [answer] = await mintDownloads(services, caller, [{ id: request.params.id, ...request.query }]);
      if (!answer) throw new Error("A download was left unanswered.");
      if ("refusal" in answer)
        throw (answer.refusal === notFound && challengeOf(request)) || new RefusedError(answer.refusal);
      return reply.code(302).header("location", answer.request.url).send();
    },
  );

  server.patch(
    "/v1/files/:id",
    {
      onRequest: authenticate("files:write"),
      schema: {
        tags,
        summary: "Change its name, its metadata, or to whom it is shown",
        params,
        headers: ifMatchHeaders,
        body: changeFileSchema,
        response: { 200: fileSchema },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const expected = expectedRevision(request.headers["if-match"]);
      const { shareOriginal, ...change } = request.body;
      const file = await changeFile(services, caller, request.params.id, expected, {
        ...change,
        sharesOriginal: shareOriginal,
      });
      const seen = await ownFile(services, file);
      return reply.header("etag", etagOf(seen)).send(presentFile(seen));
    },
  );

  server.delete(
    "/v1/files/:id",
    {
      onRequest: authenticate("files:write"),
      schema: {
        tags,
        summary: "Put into the trash; with permanent=true delete for good",
        params,
        headers: ifMatchHeaders,
        querystring: deleteFileQuerySchema,
        response: { 200: fileSchema, 204: noContent },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const expected = expectedRevision(request.headers["if-match"]);
      if (request.query.permanent === "true") {
        await purgeFile(services, caller, request.params.id, expected);
        return reply.code(204).send();
      }
      const file = await trashFile(services, caller, request.params.id, expected);
      const seen = await ownFile(services, file);
      return reply.header("etag", etagOf(seen)).send(presentFile(seen));
    },
  );

  server.post(
    "/v1/files/:id/restore",
    {
      onRequest: authenticate("files:write"),
      schema: {
        tags,
        summary: "Take out of the trash",
        params,
        headers: ifMatchHeaders,
        body: z.strictObject({}).nullish(),
        response: { 200: fileSchema },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const expected = expectedRevision(request.headers["if-match"]);
      const file = await restoreFile(services, caller, request.params.id, expected);
      const seen = await ownFile(services, file);
      return reply.header("etag", etagOf(seen)).send(presentFile(seen));
    },
  );
}
