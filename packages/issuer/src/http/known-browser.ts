import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { browserCookieSeconds } from "../try-counts.ts";
import type { HttpContext } from "./http-context.ts";

/** The random name that a browser has kept of an earlier sign-in. */
export function browserIdOf({ cookies }: HttpContext, request: IncomingMessage): string | undefined {
  const prefix = `${cookies.browser}=`;
  const pair = (request.headers.cookie ?? "")
    .split(";")
    .map((each) => each.trim())
    .find((each) => each.startsWith(prefix));
  const id = pair?.slice(prefix.length);
  return id !== undefined && /^[\w-]{22}$/.test(id) ? id : undefined;
}

/** Remembers that this browser has signed in to the account, and gives it a name if it has none. */
export async function rememberBrowser(
  context: HttpContext,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  accountId: string,
): Promise<void> {
  const { ports, cookies } = context;
  const id = browserIdOf(context, request) ?? randomBytes(16).toString("base64url");
  await ports.database.write(() => ports.tries.rememberBrowser(id, accountId, ports.now().getTime()));
  response.appendHeader(
    "Set-Cookie",
    `${cookies.browser}=${id}; Path=/; Max-Age=${browserCookieSeconds}; HttpOnly; SameSite=Lax${
      cookies.long.secure ? "; Secure" : ""
    }`,
  );
}
