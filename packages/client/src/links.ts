import type { Link, LinkList } from "@stowage/protocol";
import { hasItems, hasMember } from "./api-request.ts";
import { newRef } from "./new-ref.ts";
import type { Abortable, FileSource } from "./ports.ts";
import { queryOf } from "./query.ts";
import type { Uploader } from "./uploader.ts";

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

/** Links to one's own files, or to albums that one owns, which open them for whoever has them; ids are those of what they are to. */
export interface Links {
  /**
   * Where the answer that had its token was lost, that link is taken back, and another one made.
   *
   * @throws ProblemError `not-found`, `forbidden`, `file-not-ready`, `too-many-links`, `sealed`, `validation-failed`
   */
  create(id: string, wish?: LinkWish & Abortable): Promise<NewLink>;
  /** Newest first, those that have ended too. `limit` 1 to 200, default 50. Throws ProblemError `not-found`. */
  list(
    id: string,
    options?: Abortable & { readonly cursor?: string | undefined; readonly limit?: number },
  ): Promise<LinkList>;
  /**
   * Takes one back, and all that was given out by it.
   *
   * @throws ProblemError `not-found`
   */
  revoke(id: string, linkId: string, options?: Abortable): Promise<void>;
}

/**
 * Links by a client. By itself, so that who only uploads loads none of it.
 *
 * @param to what the links are to. Default: files
 */
export function createLinks<Source extends FileSource>(
  { askApi, platform }: Pick<Uploader<Source>, "askApi" | "platform">,
  to: "files" | "albums" = "files",
): Links {
  const pathOf = (id: string) => `/v1/${to}/${encodeURIComponent(id)}/links`;
  const revoke: Links["revoke"] = async (id, linkId, { signal } = {}) => {
    const path = `${pathOf(id)}/${encodeURIComponent(linkId)}`;
    await askApi({ method: "DELETE", path, signal }, ({ status }) => status === 204 || undefined);
  };
  return {
    create: async (id, { signal, ...wish } = {}) => {
      for (;;) {
        const request = {
          path: pathOf(id),
          body: wish,
          headers: { "idempotency-key": newRef(platform.random) },
          signal,
        };
        const link = await askApi({ method: "POST", ...request }, ({ json }) =>
          hasMember(json, "id") ? (json as unknown as Link) : undefined,
        );
        const { url, token } = link;
        if (url !== undefined && token !== undefined) return { ...link, url, token };
        await revoke(id, link.id, { signal });
      }
    },
    list: (id, { signal, ...query } = {}) =>
      askApi({ method: "GET", path: pathOf(id) + queryOf(query), signal }, ({ json }) =>
        hasItems(json) ? (json as unknown as LinkList) : undefined,
      ),
    revoke,
  };
}
