import type { ApiOptions } from "../ports.ts";

/** Node's `fetch`. It says only "fetch failed", and the reason in its error's cause: that one is thrown. */
export const nodeFetch: ApiOptions["fetch"] = async (url, init) => {
  try {
    return await fetch(url, init as RequestInit);
  } catch (error) {
    throw reasonOf(error) ?? error;
  }
};

/** Where several addresses were tried in vain, the cause has a code and no message. */
function reasonOf(error: unknown): Error | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error)) return undefined;
  return cause.message === "" && "code" in cause ? new Error(String(cause.code), { cause }) : cause;
}
