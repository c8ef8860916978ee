import { listFileVersions, ownFile, purgeVersion, restoreVersion } from "@stowage/core";
import {
  fileSchema,
  fileVersionListSchema,
  idSchema,
  listFileVersionsQuerySchema,
  versionInDigitsSchema,
} from "@stowage/protocol";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { callerOf } from "../authentication/authenticate.ts";
import { decodeCursor, encodeCursor } from "../present/cursor.ts";
import { etagOf, presentFile } from "../present/file.ts";
import { presentFileVersion } from "../present/file-version.ts";
import { expectedRevision, ifMatchHeaders } from "./entity-tags.ts";

const defaultLimit = 50;
const cursorList = "versions";
const tags = ["files"];
const params = z.object({ id: idSchema });
const versionParams = z.object({
  id: idSchema,
  version: versionInDigitsSchema,
});

/** `/v1/files/{id}/versions`: a file's history. New versions come by uploads that replace one. */
export function fileVersionRoutes(server: ApiServer, { services, authenticate }: ApiContext): void {
  server.get(
    "/v1/files/:id/versions",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags,
        summary: "A file's history, the newest version first",
        params,
        querystring: listFileVersionsQuerySchema,
        response: { 200: fileVersionListSchema },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { limit = defaultLimit, cursor } = request.query;
      const after = decodeCursor(cursorList, "number", cursor);
      const page = await listFileVersions(services, caller, request.params.id, {
        limit,
        ...(after ? { after: Number(after.key) } : {}),
      });
      return {
        items: page.items.map(presentFileVersion),
        nextCursor: page.next === undefined ? null : encodeCursor(cursorList, { key: page.next, id: "" }),
      };
    },
  );

  server.post(
    "/v1/files/:id/versions/:version/restore",
    {
      onRequest: authenticate("files:write"),
      schema: {
        tags,
        summary: "Make an earlier version, or a conflict, the current one",
        params: versionParams,
        headers: ifMatchHeaders,
        body: z.strictObject({}).nullish(),
        response: { 200: fileSchema },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { id, version } = request.params;
      const expected = expectedRevision(request.headers["if-match"]);
      const file = await restoreVersion(services, caller, id, version, expected);
      const seen = await ownFile(services, file);
      return reply.header("etag", etagOf(seen)).send(presentFile(seen));
    },
  );

  server.delete(
    "/v1/files/:id/versions/:version",
    {
      onRequest: authenticate("files:write"),
      schema: {
        tags,
        summary: "Delete a version that is not current, and its bytes, for good",
        params: versionParams,
        headers: ifMatchHeaders,
        response: { 200: fileSchema },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { id, version } = request.params;
      const expected = expectedRevision(request.headers["if-match"]);
      const file = await purgeVersion(services, caller, id, version, expected);
      const seen = await ownFile(services, file);
      return reply.header("etag", etagOf(seen)).send(presentFile(seen));
    },
  );
}
