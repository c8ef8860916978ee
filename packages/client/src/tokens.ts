import type { DelegableScope, Token, TokenList } from "@stowage/protocol";
import { hasItems, hasMember } from "./api-request.ts";
import { newRef } from "./new-ref.ts";
import type { Abortable, FileSource } from "./ports.ts";
import { queryOf } from "./query.ts";
import type { Uploader } from "./uploader.ts";

/** A token as it was minted: `token` itself is told this once. */
export interface NewToken extends Token {
  readonly token: string;
}

/** What a token is to be good for. Each bound goes with the scope `uploads:write` alone. */
export interface TokenWish {
  /** Of those that one's own token has. Default: `["uploads:write"]`. */
  readonly scopes?: readonly DelegableScope[] | undefined;
  /** Every file is sent by this profile. Default: each by the one that its sender names. */
  readonly profile?: string | undefined;
  /** Every file is sent to this album. Default: to any, or to none. */
  readonly albumId?: string | undefined;
  /** Pairs that every file has, besides its own. Default: none. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Uploads that may be created in all, 1 to 1,000,000. Default: as many as one may oneself. */
  readonly maxFiles?: number | undefined;
  /** Their bytes together, as declared. Default: as many as one may oneself. */
  readonly maxBytes?: number | undefined;
  /** 60 to 2,592,000 (30 days). Default: 86,400 (a day). */
  readonly expiresInSeconds?: number | undefined;
}

/** Tokens for programs that send as oneself without a sign-in: a service worker, a CI job, another device. */
export interface Tokens {
  /**
   * Where the answer that had its token was lost, that one is taken back, and another minted.
   *
   * @throws ProblemError `insufficient-scope`, `forbidden`, `not-found`, `too-many-tokens`, `validation-failed`
   */
  create(wish?: TokenWish & Abortable): Promise<NewToken>;
  /** Those that have not ended, newest first. `limit` 1 to 200, default 50. */
  list(
    options?: Abortable & { readonly cursor?: string | undefined; readonly limit?: number },
  ): Promise<TokenList>;
  /**
   * Takes one back: it is good for nothing at the next request.
   *
   * @throws ProblemError `not-found`
   */
  revoke(id: string, options?: Abortable): Promise<void>;
}

/** One's own tokens by a client of who signed in. By itself, so that who only uploads loads none of it. */
export function createTokens<Source extends FileSource>({
  askApi,
  platform,
}: Pick<Uploader<Source>, "askApi" | "platform">): Tokens {
  const path = "/v1/tokens";
  const revoke: Tokens["revoke"] = async (id, { signal } = {}) => {
    const one = `${path}/${encodeURIComponent(id)}`;
    await askApi({ method: "DELETE", path: one, signal }, ({ status }) => status === 204 || undefined);
  };
  return {
    create: async ({ signal, ...wish } = {}) => {
      for (;;) {
        const request = { path, body: wish, headers: { "idempotency-key": newRef(platform.random) }, signal };
        const minted = await askApi({ method: "POST", ...request }, ({ json }) =>
          hasMember(json, "id") ? (json as unknown as Token) : undefined,
        );
        const { token } = minted;
        if (token !== undefined) return { ...minted, token };
        await revoke(minted.id, { signal });
      }
    },
    list: ({ signal, ...query } = {}) =>
      askApi({ method: "GET", path: path + queryOf(query), signal }, ({ json }) =>
        hasItems(json) ? (json as unknown as TokenList) : undefined,
      ),
    revoke,
  };
}
