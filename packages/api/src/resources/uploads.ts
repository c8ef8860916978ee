import {
  abortUpload,
  completeUpload,
  createUploads,
  findOwnUploads,
  getUpload,
  listUploads,
  RefusedError,
  remintUpload,
} from "@stowage/core";
import {
  completeUploadsResponseSchema,
  completeUploadsSchema,
  createUploadsResponseSchema,
  createUploadsSchema,
  idSchema,
  listUploadsQuerySchema,
  maxFilesPerCreate,
  uploadListSchema,
  uploadResponseSchema,
  uploadSchema,
} from "@stowage/protocol";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { callerOf } from "../authentication/authenticate.ts";
import { batchProblemOf, sendBatch } from "../present/batch-reply.ts";
import { decodeCursor, encodeCursor } from "../present/cursor.ts";
import { presentUpload } from "../present/upload.ts";
import { ApiError } from "../problems/api-error.ts";
import { problemOfRefusal } from "../problems/problem-of.ts";

const defaultLimit = 50;

/** Most ids that one list by ids takes. */
const maxIds = 200;

const tags = ["uploads"];
const params = z.object({ id: idSchema });
/** A body that may be left out, and has no member yet. */
const emptyBody = z.strictObject({}).nullish();

/** `/v1/uploads`: one attempt each to send a file's bytes. */
export function uploadRoutes(server: ApiServer, { services, authenticate, limitCreates }: ApiContext): void {
  const nowMs = () => services.clock.nowMs();

  server.post(
    "/v1/uploads",
    {
      onRequest: authenticate("uploads:write"),
      schema: {
        tags,
        summary: "Announce files; get a presigned PUT for each",
        body: createUploadsSchema,
        response: { 201: createUploadsResponseSchema, default: batchProblemOf(createUploadsResponseSchema) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { files } = request.body;
      await limitCreates(caller.id, files.length, reply);
      const answers = await createUploads(services, caller, files);
      const items = answers.map((answer, index) => {
        const ref = files[index]?.ref ?? null;
        return "refusal" in answer
          ? { ref, problem: problemOfRefusal(answer.refusal, `/files/${index}`) }
          : { ref, upload: presentUpload(answer, nowMs()) };
      });
      return sendBatch(reply, 201, items);
    },
  );

  server.get(
    "/v1/uploads",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags,
        summary: "One's own uploads, newest first, or those with the given ids",
        querystring: listUploadsQuerySchema,
        response: { 200: uploadListSchema },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { state, ids, limit = defaultLimit, cursor } = request.query;
      if (ids !== undefined) {
        if (state !== undefined || cursor !== undefined)
          throw new ApiError("unsupported-combination", "ids does not go together with state or cursor.");
        const wanted = [...new Set(ids.split(",").filter((id) => id !== ""))];
        if (wanted.length > maxIds)
          throw new ApiError("validation-failed", `/query/ids: At most ${maxIds} ids.`, {
            errors: [{ pointer: "/query/ids", detail: `At most ${maxIds} ids.` }],
          });
        const uploads = await findOwnUploads(services, caller, wanted);
        return { items: uploads.map((upload) => presentUpload({ upload }, nowMs())), nextCursor: null };
      }
      const after = decodeCursor("uploads", cursor);
      const page = await listUploads(services, caller, {
        limit,
        ...(state === undefined ? {} : { state }),
        ...(after ? { after } : {}),
      });
      return {
        items: page.items.map((upload) => presentUpload({ upload }, nowMs())),
        nextCursor: page.next ? encodeCursor("uploads", page.next) : null,
      };
    },
  );

  server.get(
    "/v1/uploads/:id",
    {
      onRequest: authenticate("files:read"),
      schema: { tags, summary: "An upload with its timeline", params, response: { 200: uploadSchema } },
    },
    async (request) => {
      const caller = callerOf(request);
      const { upload, events } = await getUpload(services, caller, request.params.id);
      return presentUpload({ upload }, nowMs(), events);
    },
  );

  server.post(
    "/v1/uploads/:id/urls",
    {
      onRequest: authenticate("uploads:write"),
      schema: {
        tags,
        summary: "A fresh request for a PUT that ran out",
        params,
        body: emptyBody,
        response: { 200: uploadResponseSchema },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const answer = await remintUpload(services, caller, request.params.id);
      return { upload: presentUpload(answer, nowMs()) };
    },
  );

  server.post(
    "/v1/uploads/:id/complete",
    {
      onRequest: authenticate("uploads:write"),
      schema: {
        tags,
        summary: "Say that the bytes are there",
        params,
        body: emptyBody,
        response: { 202: uploadResponseSchema },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const upload = await completeUpload(services, caller, request.params.id);
      return reply.code(202).send({ upload: presentUpload({ upload }, nowMs()) });
    },
  );

  server.post(
    "/v1/uploads/complete",
    {
      onRequest: authenticate("uploads:write"),
      schema: {
        tags,
        summary: `Say that the bytes of up to ${maxFilesPerCreate} uploads are there`,
        body: completeUploadsSchema,
        response: {
          202: completeUploadsResponseSchema,
          default: batchProblemOf(completeUploadsResponseSchema),
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const items = await Promise.all(
        request.body.ids.map(async (id, index) => {
          try {
            const upload = await completeUpload(services, caller, id);
            return { id, upload: presentUpload({ upload }, nowMs()) };
          } catch (error) {
            if (!(error instanceof RefusedError)) throw error;
            return { id, problem: problemOfRefusal(error.refusal, `/ids/${index}`) };
          }
        }),
      );
      return sendBatch(reply, 202, items);
    },
  );

  server.delete(
    "/v1/uploads/:id",
    {
      onRequest: authenticate("uploads:write"),
      schema: { tags, summary: "Abort", params, response: { 200: uploadResponseSchema } },
    },
    async (request) => {
      const caller = callerOf(request);
      const upload = await abortUpload(services, caller, request.params.id);
      return { upload: presentUpload({ upload }, nowMs()) };
    },
  );
}
