import { type ApiAnswer, type AskApi, hasMember } from "./api-request.ts";
import { ProblemError, UnexpectedAnswerError } from "./errors.ts";
import type { AbortSignalLike } from "./ports.ts";

/** A change of what has an ETag. */
export interface Change<Thing, Done> {
  readonly method: "PATCH" | "DELETE";
  /** Of the thing, from `/v1` on. */
  readonly path: string;
  readonly body?: object;
  readonly signal?: AbortSignalLike | undefined;
  read(answer: ApiAnswer): Done | undefined;
  /** What is answered where the thing is as it was to become already; `undefined`: it is not. */
  isDone(now: Thing | undefined): Done | undefined;
}

/** So often it is asked anew what somebody else has changed in between. */
const maxAttempts = 5;

/**
 * Makes a change of a thing as it is now, whatever others change of it meanwhile. A change whose answer was lost is not taken for
 * somebody else's.
 *
 * @throws ProblemError `not-found`, `precondition-failed` where others change it all the time, what the change itself is refused with
 */
export async function changeAtRevision<Thing, Done>(
  askApi: AskApi,
  { method, path, body, signal, read, isDone }: Change<Thing, Done>,
): Promise<Done> {
  let hasRepeated = false;
  const onWait = () => {
    hasRepeated = true;
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { thing, etag } = await askApi({ method: "GET", path, signal }, ({ json, etag }) =>
        hasMember(json, "id") ? { thing: json as unknown as Thing, etag } : undefined,
      );
      if (!etag) throw new UnexpectedAnswerError(`GET ${path}`, 200);
      const already = isDone(thing);
      if (already !== undefined) return already;
      return await askApi(
        { method, path, ...(body && { body }), headers: { "if-match": etag }, signal, onWait },
        read,
      );
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const gone = hasRepeated && error.code === "not-found" ? isDone(undefined) : undefined;
      if (gone !== undefined) return gone;
      if (error.code !== "precondition-failed" || attempt === maxAttempts) throw error;
    }
  }
}
