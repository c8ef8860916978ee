import { mintDownloads } from "@stowage/core";
import { createDownloadsResponseSchema, createDownloadsSchema } from "@stowage/protocol";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { callerOf } from "../authentication/authenticate.ts";
import { batchProblemOf, sendBatch } from "../present/batch-reply.ts";
import { presentRequest } from "../present/upload.ts";
import { problemOfRefusal } from "../problems/problem-of.ts";

/** `/v1/downloads`: presigned GETs, many at once. */
export function downloadRoutes(server: ApiServer, { services, authenticate }: ApiContext): void {
  server.post(
    "/v1/downloads",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags: ["files"],
        summary: "Presigned GETs for up to 200 files or derivatives",
        body: createDownloadsSchema,
        response: {
          200: createDownloadsResponseSchema,
          default: batchProblemOf(createDownloadsResponseSchema),
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { files } = request.body;
      const answers = await mintDownloads(services, caller, files);
      const nowMs = services.clock.nowMs();
      const items = answers.map((answer, index) => {
        const id = files[index]?.id ?? "";
        return "refusal" in answer
          ? { id, problem: problemOfRefusal(answer.refusal, `/files/${index}`) }
          : { id, request: presentRequest(answer.request, nowMs) };
      });
      return sendBatch(reply, 200, items);
    },
  );
}
