import { type ArchiveSeen, askArchive, getArchive } from "@stowage/core";
import { type Archive, archiveResponseSchema, createArchiveSchema, idSchema } from "@stowage/protocol";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { callerOf } from "../authentication/authenticate.ts";
import { presentRequest, timestamp } from "../present/upload.ts";

const tags = ["archives"];
const params = z.object({ id: idSchema });

/** `/v1/archives`: many files in one piece. */
export function archiveRoutes(server: ApiServer, { services, authenticate }: ApiContext): void {
  server.post(
    "/v1/archives",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags,
        summary: "Have files packed into ZIP files",
        description:
          "A worker packs what you may see when it gets to it: one's own files as they are, others' as others get them. The answer tells nothing of which files there are.",
        body: createArchiveSchema,
        response: { 202: archiveResponseSchema },
      },
    },
    async (request, reply) => {
      const { fileIds = [], albumId } = request.body;
      const archive = await askArchive(
        services,
        callerOf(request),
        albumId === undefined ? { kind: "files", fileIds } : { kind: "album", albumId },
      );
      return reply
        .code(202)
        .header("location", `/v1/archives/${archive.id}`)
        .send({ archive: presentArchive({ archive, requests: [] }, services.clock.nowMs()) });
    },
  );

  server.get(
    "/v1/archives/:id",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags,
        summary: "How far an archive is and, once it is ready, where to get it",
        description: "What is in it is decided again before each answer that has URLs.",
        params,
        response: { 200: archiveResponseSchema },
      },
    },
    async (request) => {
      const seen = await getArchive(services, callerOf(request), request.params.id);
      return { archive: presentArchive(seen, services.clock.nowMs()) };
    },
  );
}

export const presentArchive = ({ archive, requests }: ArchiveSeen, nowMs: number): Archive => ({
  id: archive.id,
  state: archive.state,
  createdAt: timestamp(archive.createdAtMs),
  expiresAt: timestamp(archive.endsAtMs),
  parts: archive.parts.flatMap(({ sizeBytes, sha256, entries }, index) => {
    const request = requests[index];
    return request
      ? [{ sizeBytes, sha256, files: entries.length, request: presentRequest(request, nowMs) }]
      : [];
  }),
  leftOut: [...archive.leftOut],
  ...(archive.failure ? { failure: { ...archive.failure } } : {}),
});
