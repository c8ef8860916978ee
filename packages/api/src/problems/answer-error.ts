import {
  MetadataUnavailableError,
  RefusedError,
  StoreRefusedError,
  StoreUnavailableError,
} from "@stowage/core";
import type { Problem, problemStatuses } from "@stowage/protocol";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { noteDenials } from "../denials/note-denials.ts";
import { ApiError } from "./api-error.ts";
import { drainBody } from "./drain-body.ts";
import { problemOf, problemOfRefusal } from "./problem-of.ts";

/** What Fastify itself refuses, in our words. */
const fastifyProblems: ReadonlyMap<string, [keyof typeof problemStatuses, string]> = new Map([
  ["FST_ERR_CTP_INVALID_JSON_BODY", ["malformed-json", "The body is not valid JSON."]],
  ["FST_ERR_CTP_EMPTY_JSON_BODY", ["malformed-json", "The body is empty; JSON is expected."]],
  [
    "FST_ERR_CTP_BODY_TOO_LARGE",
    ["body-too-large", "The body is larger than 4 MiB: send fewer files at once."],
  ],
  [
    "FST_ERR_CTP_INVALID_MEDIA_TYPE",
    ["unsupported-media-type", "Send JSON: Content-Type: application/json."],
  ],
  ["FST_ERR_CTP_INVALID_CONTENT_LENGTH", ["validation-failed", "Content-Length is not the body's length."]],
  ["FST_ERR_BAD_URL", ["validation-failed", "The path is not a valid URL path."]],
]);

/** Seconds after which a client may try again what is unavailable now. */
export const retryAfterSeconds = "2";

const isError = (error: unknown): error is Error => error instanceof Error;

function problemOfError(error: unknown, requestId: string): Problem {
  if (error instanceof RefusedError) return problemOfRefusal(error.refusal, "", requestId);
  if (error instanceof ApiError)
    return problemOf(error.code, error.message, { requestId, errors: error.errors });
  if (error instanceof MetadataUnavailableError)
    return problemOf("unavailable", "The database does not answer right now.", { requestId });
  if (error instanceof StoreUnavailableError || error instanceof StoreRefusedError)
    return problemOf("unavailable", "The object store does not answer right now.", { requestId });
  const known = isError(error) && "code" in error ? fastifyProblems.get(String(error.code)) : undefined;
  if (known) return problemOf(known[0], known[1], { requestId });
  const status = isError(error) ? (error as FastifyError).statusCode : undefined;
  if (status !== undefined && status >= 400 && status < 500)
    return problemOf("validation-failed", "The request can't be read.", { requestId });
  return problemOf(
    "internal-error",
    "Stowage failed at this request; its log says more under this requestId.",
    {
      requestId,
    },
  );
}

/** Every answer that is not a success: problem details, and nothing that the client need not know. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOfError(error, request.id);
  if (problem.status >= 500) request.log.error({ err: error }, "request failed");
  if (error instanceof ApiError) reply.headers(error.headers);
  if (error instanceof RefusedError && error.refusal.retryAfterSeconds !== undefined)
    reply.header("retry-after", String(error.refusal.retryAfterSeconds));
  return sendProblem(reply, problem);
}

/** As {@link answerError}, once the client has been heard out. */
export async function drainAndAnswerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  await drainBody(request.raw);
  return answerError(error, request, reply);
}

/** Sends a problem, with whatever else its body carries; 429 and 503 always say when to come back. */
export function sendProblem(
  reply: FastifyReply,
  problem: Problem,
  members: Readonly<Record<string, unknown>> = {},
): FastifyReply {
  const { status } = problem;
  // Of a batch each item is noted by itself.
  if (!("items" in members)) noteDenials(reply.request, [problem.code]);
  if ((status === 429 || status === 503) && !reply.hasHeader("retry-after"))
    reply.header("retry-after", retryAfterSeconds);
  return reply
    .code(status)
    .type("application/problem+json; charset=utf-8")
    .send({ ...problem, ...members });
}
