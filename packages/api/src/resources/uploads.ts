import {
  abortUpload,
  completeUpload,
  createUploads,
  findOwnUploads,
  findSealedUploads,
  getUpload,
  listParts,
  listUploads,
  mintParts,
  RefusedError,
  remintUpload,
  turnMultipart,
  type UploadAnswer,
  type UploadEventRecord,
  type UploadRecord,
} from "@stowage/core";
import {
  completeUploadSchema,
  completeUploadsResponseSchema,
  completeUploadsSchema,
  createUploadsResponseSchema,
  createUploadsSchema,
  idSchema,
  listUploadsQuerySchema,
  maxFilesPerCreate,
  mintUrlsResponseSchema,
  mintUrlsSchema,
  partListSchema,
  toldUploadSchema,
  uploadListSchema,
  uploadResponseSchema,
} from "@stowage/protocol";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { assertScope, callerOf } from "../authentication/authenticate.ts";
import { batchProblemOf, sendBatch } from "../present/batch-reply.ts";
import { decodeCursor, encodeCursor } from "../present/cursor.ts";
import { presentPart, presentPartRequests, presentUpload } from "../present/upload.ts";
import { ApiError } from "../problems/api-error.ts";
import { problemOfRefusal } from "../problems/problem-of.ts";
import { parseIds } from "./ids-parameter.ts";

const defaultLimit = 50;
const cursorList = "uploads";

const tags = ["uploads"];
const params = z.object({ id: idSchema });
/** `/v1/uploads`: one attempt each to send a file's bytes. */
export function uploadRoutes(server: ApiServer, context: ApiContext): void {
  const { services, authenticate, limitCreates, limitParts, observer } = context;
  const nowMs = () => services.clock.nowMs();
  const present = async (answer: UploadAnswer, events?: readonly UploadEventRecord[]) =>
    presentUpload(answer, nowMs(), await findSealedUploads(services, [answer.upload]), events);
  const presentAll = async (uploads: readonly UploadRecord[]) => {
    const sealed = await findSealedUploads(services, uploads);
    return uploads.map((upload) => presentUpload({ upload }, nowMs(), sealed));
  };

  server.post(
    "/v1/uploads",
    {
      onRequest: authenticate("uploads:write"),
      schema: {
        tags,
        summary: "Announce files; get a presigned PUT for each, or how to cut it into parts",
        body: createUploadsSchema,
        response: { 201: createUploadsResponseSchema, default: batchProblemOf(createUploadsResponseSchema) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { files } = request.body;
      // `uploads:write` adds; to put something in a file's place is to change it.
      if (files.some(({ replaces }) => replaces)) assertScope(caller, "files:write");
      await limitCreates(caller.id, files.length, reply);
      const answers = await createUploads(services, caller, files);
      for (const answer of answers)
        observer?.announced("refusal" in answer ? answer.refusal.code : "accepted");
      const sealed = await findSealedUploads(
        services,
        answers.flatMap((answer) => ("refusal" in answer ? [] : [answer.upload])),
      );
      const items = answers.map((answer, index) => {
        const ref = files[index]?.ref ?? null;
        return "refusal" in answer
          ? { ref, problem: problemOfRefusal(answer.refusal, `/files/${index}`) }
          : { ref, upload: presentUpload(answer, nowMs(), sealed) };
      });
      return sendBatch(reply, 201, items);
    },
  );

  server.get(
    "/v1/uploads",
    {
      onRequest: authenticate("files:read", { orToSend: true }),
      schema: {
        tags,
        summary: "One's own uploads, newest first, or those with the given ids",
        description: "A token of `POST /v1/tokens` with `uploads:write` alone asks by `ids`.",
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
        const uploads = await findOwnUploads(services, caller, parseIds(ids));
        return { items: await presentAll(uploads), nextCursor: null };
      }
      assertScope(caller, "files:read");
      const after = decodeCursor(cursorList, "number", cursor);
      const page = await listUploads(services, caller, {
        limit,
        ...(state === undefined ? {} : { state }),
        ...(after ? { after: { createdAtMs: Number(after.key), id: after.id } } : {}),
      });
      return {
        items: await presentAll(page.items),
        nextCursor: page.next
          ? encodeCursor(cursorList, { key: page.next.createdAtMs, id: page.next.id })
          : null,
      };
    },
  );

  server.get(
    "/v1/uploads/:id",
    {
      onRequest: authenticate("files:read", { orToSend: true }),
      schema: { tags, summary: "An upload with its timeline", params, response: { 200: toldUploadSchema } },
    },
    async (request) => {
      const caller = callerOf(request);
      const { upload, events } = await getUpload(services, caller, request.params.id);
      return present({ upload }, events);
    },
  );

  server.post(
    "/v1/uploads/:id/urls",
    {
      onRequest: authenticate("uploads:write"),
      schema: {
        tags,
        summary: "A fresh request for a PUT that ran out; requests for parts; a PUT turned into a multipart",
        params,
        // May be left out.
        body: mintUrlsSchema.nullish(),
        response: { 200: mintUrlsResponseSchema },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { id } = request.params;
      const { parts, as } = request.body ?? {};
      if (parts !== undefined) {
        await limitParts(caller.id, parts.length, reply);
        const answer = await mintParts(services, caller, id, parts);
        return { upload: await present(answer), ...presentPartRequests(answer, nowMs()) };
      }
      const answer =
        as === "multipart"
          ? { upload: await turnMultipart(services, caller, id) }
          : await remintUpload(services, caller, id);
      return { upload: await present(answer) };
    },
  );

  server.get(
    "/v1/uploads/:id/parts",
    {
      onRequest: authenticate("files:read", { orToSend: true }),
      schema: {
        tags,
        summary: "What the store has of a pending multipart, all of it",
        params,
        response: { 200: partListSchema },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const parts = await listParts(services, caller, request.params.id);
      return { items: parts.map(presentPart) };
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
        body: completeUploadSchema.nullish(),
        response: { 202: uploadResponseSchema },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { sha256 } = request.body ?? {};
      const upload = await completeUpload(services, caller, request.params.id, sha256);
      return reply.code(202).send({ upload: await present({ upload }) });
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
            return { id, upload: await present({ upload }) };
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
      schema: {
        tags,
        summary: "Abort; of what is ready in an album that is sealed, delete its file for good",
        params,
        response: { 200: uploadResponseSchema },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const upload = await abortUpload(services, caller, request.params.id);
      return { upload: await present({ upload }) };
    },
  );
}
