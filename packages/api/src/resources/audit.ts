import { listAllAuditEvents, listFileAuditEvents, RefusedError } from "@stowage/core";
import { auditEventListSchema, listAuditQuerySchema } from "@stowage/protocol";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { assertScope, callerOf } from "../authentication/authenticate.ts";
import { presentAuditEvent } from "../present/audit-event.ts";

const defaultLimit = 50;

/** Which list a cursor belongs to. */
const cursorListOf = ({ fileId, actorId }: { readonly fileId?: string; readonly actorId?: string }) =>
  fileId !== undefined ? `audit/file/${fileId}` : actorId !== undefined ? `audit/actor/${actorId}` : "audit";

/** `/v1/audit`: what was done. */
export function auditRoutes(
  server: ApiServer,
  { services, authenticate, sequenceSeal: seal }: ApiContext,
): void {
  server.get(
    "/v1/audit",
    {
      onRequest: authenticate(),
      schema: {
        tags: ["operations"],
        summary: "What was done, the newest first: to a file of one's own; by anybody, for operators",
        description:
          "With `fileId` its owner, by the scope files:read. Without, or with `actorId`, whoever has the scope audit:read. Events come here a second or so after they happened. What an album seals is in neither before its reveal.",
        querystring: listAuditQuerySchema,
        response: { 200: auditEventListSchema },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { limit = defaultLimit, cursor, fileId, actorId } = request.query;
      assertScope(caller, fileId === undefined ? "audit:read" : "files:read");
      if (fileId !== undefined && actorId !== undefined)
        throw new RefusedError({
          code: "unsupported-combination",
          detail: "There is no such list. What can be asked: fileId, actorId, or neither.",
        });
      const of = {
        ...(fileId === undefined ? {} : { fileId }),
        ...(actorId === undefined ? {} : { actorId }),
      };
      const cursorList = cursorListOf(of);
      const query = { limit, ...(cursor === undefined ? {} : { before: seal.open(cursorList, cursor) }) };
      const page =
        fileId === undefined
          ? await listAllAuditEvents(services, { ...query, ...of })
          : await listFileAuditEvents(services, caller, fileId, query);
      return {
        items: page.items.map((event) => presentAuditEvent(event, seal)),
        nextCursor: page.next === undefined ? null : seal.seal(cursorList, page.next),
      };
    },
  );
}
