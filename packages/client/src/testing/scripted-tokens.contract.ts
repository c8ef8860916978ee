import { mintTokenSchema, type Token, tokenListSchema, tokenSchema } from "@stowage/protocol";
import { jsonReply, problemOf, problemReply, type Reply } from "./scripted-reply.contract.ts";

const daySeconds = 86_400;

/** `/v1/tokens` as api.md has it: `delegation-1` with the token `minted-1`, `delegation-2` … */
export function createScriptedTokens() {
  const minted = new Map<string, Token>();
  const idsByKey = new Map<string, string>();
  let made = 0;

  const mint = (body: unknown, key: string | undefined): Reply => {
    const known = key === undefined ? undefined : minted.get(idsByKey.get(key) ?? "");
    if (known) return jsonReply(200, tokenSchema, known);
    const wish = mintTokenSchema.safeParse(body ?? {});
    if (!wish.success) return problemReply(problemOf("validation-failed", wish.error.message));
    const { scopes = ["uploads:write"], expiresInSeconds = daySeconds, ...bounds } = wish.data;
    made += 1;
    const nowMs = Date.now();
    const token: Token = {
      ...{ id: `delegation-${made}`, scopes, ...bounds, sentFiles: 0, sentBytes: 0, expiresInSeconds },
      createdAt: new Date(nowMs).toISOString(),
      expiresAt: new Date(nowMs + expiresInSeconds * 1000).toISOString(),
    };
    minted.set(token.id, token);
    if (key !== undefined) idsByKey.set(key, token.id);
    return jsonReply(201, tokenSchema, { ...token, token: `minted-${made}` });
  };

  /** The one that a request comes with. */
  const find = (bearer: string): Token | undefined => minted.get(bearer.replace(/^minted-/, "delegation-"));

  return {
    isMinted: (bearer: string): boolean => bearer.startsWith("minted-") && find(bearer) !== undefined,

    /** What a request is answered that comes with such a token and asks for more than that is good for. */
    refusalOf(bearer: string, method: string, url: URL): Reply | undefined {
      const { scopes = [] } = find(bearer) ?? {};
      const isAccount = url.pathname === "/v1/me" || url.pathname.startsWith("/v1/tokens");
      if (isAccount) return problemReply(problemOf("forbidden", "Only who signed in can do this."));
      const isSending =
        url.pathname.startsWith("/v1/uploads") &&
        !(method === "GET" && url.pathname === "/v1/uploads" && !url.searchParams.has("ids"));
      return isSending || scopes.includes("files:read")
        ? undefined
        : problemReply(problemOf("insufficient-scope", "The token lacks the scope files:read."));
    },

    /** `undefined` where there is no such route. */
    answer(method: string, url: URL, body: unknown, idempotencyKey?: string): Reply | undefined {
      const [, , resource, id] = url.pathname.split("/");
      if (resource !== "tokens") return undefined;
      if (method === "POST" && id === undefined) return mint(body, idempotencyKey);
      if (method === "GET" && id === undefined)
        return jsonReply(200, tokenListSchema, { items: [...minted.values()].reverse(), nextCursor: null });
      if (method !== "DELETE" || !minted.delete(id ?? ""))
        return problemReply(problemOf("not-found", "There is nothing here."));
      return { status: 204, body: "" };
    },
  };
}
