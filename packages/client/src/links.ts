import type { Link, LinkList } from "@stowage/protocol";
import { hasItems, hasMember } from "./api-request.ts";
import type { Client } from "./client.ts";
import { newRef } from "./new-ref.ts";
import type { Abortable, FileSource } from "./ports.ts";
import { queryOf } from "./query.ts";

/** A link as it was made: its `url` and `token` are told this once. */
export interface NewLink extends Link {
  readonly url: string;
  readonly token: string;
}

export interface LinkWish {
  /** RFC 3339, within 366 days. Default: in 30 days. */
  readonly expiresAt?: string | undefined;
  /** 8 characters or more. Default: none. */
  readonly passphrase?: string | undefined;
  /** Default: as often as anybody likes. */
  readonly maxOpens?: number | undefined;
}

/** Links to one's own files, which open them for whoever has them. */
export interface Links {
  /**
   * Where the answer that had its token was lost, that link is taken back, and another one made.
   *
   * @throws ProblemError `not-found`, `file-not-ready`, `too-many-links`, `sealed`, `validation-failed`
   */
  create(fileId: string, wish?: LinkWish & Abortable): Promise<NewLink>;
  /** Newest first, those that have ended too. `limit` 1 to 200, default 50. Throws ProblemError `not-found`. */
  list(
    fileId: string,
    options?: Abortable & { readonly cursor?: string | undefined; readonly limit?: number },
  ): Promise<LinkList>;
  /**
   * Takes one back, and all that was given out by it.
   *
   * @throws ProblemError `not-found`
   */
  revoke(fileId: string, linkId: string, options?: Abortable): Promise<void>;
}

/** Links by a client. By itself, so that who only uploads loads none of it. */
export function createLinks<Source extends FileSource>({
  askApi,
  platform,
}: Pick<Client<Source>, "askApi" | "platform">): Links {
  const pathOf = (fileId: string) => `/v1/files/${encodeURIComponent(fileId)}/links`;
  const revoke: Links["revoke"] = async (fileId, linkId, { signal } = {}) => {
    const path = `${pathOf(fileId)}/${encodeURIComponent(linkId)}`;
    await askApi({ method: "DELETE", path, signal }, ({ status }) => status === 204 || undefined);
  };
  return {
    create: async (fileId, { signal, ...wish } = {}) => {
      for (;;) {
        const request = { path: pathOf(fileId), body: wish, idempotencyKey: newRef(platform.random), signal };
        const link = await askApi({ method: "POST", ...request }, ({ json }) =>
          hasMember(json, "id") ? (json as unknown as Link) : undefined,
        );
        const { url, token } = link;
        if (url !== undefined && token !== undefined) return { ...link, url, token };
        await revoke(fileId, link.id, { signal });
      }
    },
    list: (fileId, { signal, ...query } = {}) =>
      askApi({ method: "GET", path: pathOf(fileId) + queryOf(query), signal }, ({ json }) =>
        hasItems(json) ? (json as unknown as LinkList) : undefined,
      ),
    revoke,
  };
}
