import { createAskApi, hasMember } from "./api-request.ts";
import { NetworkError, NotSignedInError, ProblemError } from "./errors.ts";
import type { ApiOptions } from "./ports.ts";
import { createRetry, isTransient } from "./retry.ts";
import { createTimeLimit } from "./time-limit.ts";

type GetToken = ApiOptions["getToken"];

/**
 * Gives out tokens of one person only: a page may go on while somebody else signs in, and what the first one added must
 * not become the other's. Whose a token is the server says, once a token, before it is used.
 *
 * @param claim - told the server's id of the first one; answers whose it is that is to be sent, if that is another's
 * @returns a function that throws NotSignedInError `other-person`, a ClientError that may pass where the server can't be asked, and what
 *   `getToken` throws
 */
export function guardPerson(
  options: ApiOptions,
  claim: (id: string) => Promise<string | undefined>,
): GetToken {
  const needs = {
    retry: createRetry({ ...options, maxAttempts: 1 }),
    withinIdleTime: createTimeLimit(options),
  };
  let person: string | undefined;
  let asked: string | undefined;
  let answer: Promise<void> | undefined;

  const check = async (token: string): Promise<void> => {
    let id: string;
    try {
      id = await createAskApi({ ...options, getToken: async () => token }, needs)(
        { method: "GET", path: "/v1/me" },
        ({ json }) => (hasMember(json, "id") ? String(json.id) : undefined),
      );
    } catch (error) {
      // Of a token that may only send nobody is told whose it is.
      if (error instanceof ProblemError && error.problem.status === 403) return;
      // It is refused now: whose it is then, if it should be taken later, is asked anew.
      if (error instanceof NotSignedInError) asked = undefined;
      else throw isTransient(error) ? error : new NetworkError("No answer.", { cause: error });
      return;
    }
    person ??= (await claim(id)) ?? id;
    if (person !== id) throw new NotSignedInError("Somebody else is signed in.", {}, "other-person");
  };

  return async (refused) => {
    const token = await options.getToken(refused);
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
