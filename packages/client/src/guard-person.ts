import { NetworkError, NotSignedInError } from "./errors.ts";
import type { ApiOptions } from "./ports.ts";

type GetToken = ApiOptions["getToken"];

/**
 * Gives out tokens of one person only: a page may go on while somebody else signs in, and what the first one added must
 * not become the other's. Whose a token is the server says, once a token: the first one is believed meanwhile.
 *
 * @returns a function that throws NotSignedInError `other-person`, and NetworkError where the server can't be asked
 */
export function guardPerson({
  server,
  getToken,
  fetch,
}: Pick<ApiOptions, "server" | "getToken" | "fetch">): GetToken {
  let trusted: string | undefined;
  let first: Promise<string | undefined> | undefined;

  /** `undefined` where the server takes the token from nobody, or tells no person: a token that may only send. */
  const personOf = async (token: string): Promise<string | undefined> => {
    try {
      const response = await fetch(`${server.replace(/\/+$/, "")}/v1/me`, {
        headers: { accept: "application/json", authorization: `Bearer ${token}` },
      });
      if (response.status >= 500) throw new Error(`status ${response.status}`);
      const { id } = JSON.parse(await response.text()) as { id?: string };
      return id;
    } catch (cause) {
      throw new NetworkError("Whose the token is could not be asked.", { cause });
    }
  };

  const ask = (token: string): void => {
    first = personOf(token);
    // Asked again when it matters.
    first.catch(() => {
      first = undefined;
    });
  };

  return async (refused) => {
    const token = await getToken(refused);
    if (token === undefined || token === trusted) return token;
    if (trusted === undefined) ask(token);
    else {
      if (!first) ask(trusted);
      const [before, now] = await Promise.all([first, personOf(token)]);
      if (before !== undefined && now !== undefined && before !== now)
        throw new NotSignedInError("Somebody else is signed in.", {}, "other-person");
    }
    trusted = token;
    return token;
  };
}
