import type { Me } from "@stowage/protocol";
import { createAskApi, readMe } from "./api-request.ts";
import { NetworkError, NotSignedInError, ProblemError } from "./errors.ts";
import type { ApiOptions } from "./ports.ts";
import { createRetry, isTransient } from "./retry.ts";
import { createTimeLimit } from "./time-limit.ts";

type TokenPerson = Pick<Me, "id" | "subject">;
type GetToken = ApiOptions["getToken"];

/**
 * Gives out tokens of one person only: a page may go on while somebody else signs in, and what the first one added must
 * not become the other's. Whose a token is the server says, once a token, before it is used.
 *
 * @param claim - told who the server says that it is, and whether nobody else can have been here since this program began: it is its
 *   first token, or was given where that was refused. Answers the id of whose it is that is to be sent, nothing where that can't be told
 * @returns a function that throws NotSignedInError `other-person` or `unknown-person`, a ClientError that may pass where the server can't
 *   be asked, and what `getToken` throws
 */
export function guardPerson(
  options: ApiOptions,
  claim: (me: TokenPerson, isFirst: boolean) => Promise<string | undefined>,
): GetToken {
  const needs = {
    retry: createRetry({ ...options, maxAttempts: 1 }),
    withinIdleTime: createTimeLimit(options),
  };
  let person: string | undefined;
  let asked: string | undefined;
  let answer: Promise<void> | undefined;
  let hasAsked = false;
  let first: string | undefined;

  const check = async (token: string): Promise<void> => {
    let me: TokenPerson;
    try {
      me = await createAskApi({ ...options, getToken: async () => token }, needs)(
        { method: "GET", path: "/v1/me" },
        readMe,
      );
    } catch (error) {
      // Of a token that may only send nobody is told whose it is.
      if (error instanceof ProblemError && error.problem.status === 403) return;
      // It is refused now: whose it is then, if it should be taken later, is asked anew.
      if (error instanceof NotSignedInError) asked = undefined;
      else throw isTransient(error) ? error : new NetworkError("No answer.", { cause: error });
      return;
    }
    person ??= await claim(me, token === first);
    if (person === undefined)
      throw new NotSignedInError(
        "Perhaps somebody else is signed in. Is it yours? Try again.",
        {},
        "unknown-person",
      );
    if (person !== me.id) throw new NotSignedInError("Somebody else is signed in.", {}, "other-person");
  };

  return async (refused) => {
    const isFirst = !hasAsked || (refused && refused === first);
    hasAsked = true;
    const token = await options.getToken(refused);
    if (isFirst) first = token;
    if (token === undefined) return token;
    if (token !== asked) {
      asked = token;
      answer = check(token);
      // Asked again when it matters.
      answer.catch(() => {
        if (asked === token) asked = undefined;
      });
    }
    await answer;
    return token;
  };
}
