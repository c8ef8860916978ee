import { type Problem, problemSchema } from "@stowage/protocol";
import type { FastifyReply } from "fastify";
import type { z } from "zod";
import { noteDenials } from "../denials/note-denials.ts";
import { sendProblem } from "../problems/answer-error.ts";
import { problemOf } from "../problems/problem-of.ts";

/** A problem of a whole batch, with its items. */
export const batchProblemOf = <Items extends z.ZodType>(response: z.ZodObject<{ items: Items }>) =>
  problemSchema.extend({ items: response.shape.items.optional() });

/**
 * Answers a batch item by item. Where all items failed with one status, the answer has that status and is a problem
 * that carries the items; where they failed with several, 400. Status and body never disagree.
 */
export function sendBatch(
  reply: FastifyReply,
  successStatus: number,
  items: readonly { readonly problem?: Problem | undefined }[],
): FastifyReply {
  const problems = items.flatMap(({ problem }) => (problem ? [problem] : []));
  const first = problems[0];
  noteDenials(
    reply.request,
    problems.map(({ code }) => code),
  );
  if (!first || problems.length < items.length) return reply.code(successStatus).send({ items });
  const requestId = reply.request.id;
  const same = problems.every(({ status }) => status === first.status);
  const detail =
    items.length === 1 ? first.detail : `None of the ${items.length} items could be done; each says why.`;
  const code = same ? first.code : "validation-failed";
  const problem = problemOf(code, detail, {
    requestId,
    errors: problems.flatMap(({ errors }) => errors ?? []).slice(0, 100),
  });
  return sendProblem(reply, problem, { items });
}
