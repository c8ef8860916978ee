import { createLinkSchema, type Link, linkListSchema, linkSchema } from "@stowage/protocol";
import { jsonReply, problemOf, problemReply, type Reply } from "./scripted-reply.contract.ts";

const monthMs = 30 * 24 * 3600 * 1000;

const nothingHere = () => problemReply(problemOf("not-found", "There is nothing here."));

/** The one album that there is. */
export const scriptedAlbumId = "album-1";

/** `/v1/files/{id}/links` and `/v1/albums/{id}/links` as api.md has them: `link-1`, `link-2` … */
export function createScriptedLinks(origin: () => string, isFile: (id: string) => boolean) {
  const links = new Map<string, Link & { readonly targetId: string }>();
  const idsByKey = new Map<string, string>();
  let made = 0;

  const shown = ({ targetId: _, ...link }: Link & { readonly targetId: string }): Link => link;

  const create = (targetId: string, body: unknown, key: string | undefined): Reply => {
    const known = key === undefined ? undefined : links.get(idsByKey.get(key) ?? "");
    if (known) return jsonReply(200, linkSchema, shown(known));
    const { expiresAt, maxOpens, passphrase } = createLinkSchema.parse(body ?? {});
    made += 1;
    const link = {
      id: `link-${made}`,
      createdAt: new Date().toISOString(),
      expiresAt: expiresAt ?? new Date(Date.now() + monthMs).toISOString(),
      hasPassphrase: passphrase !== undefined,
      ...(maxOpens === undefined ? {} : { maxOpens }),
      opens: 0,
    };
    links.set(link.id, { ...link, targetId });
    if (key !== undefined) idsByKey.set(key, link.id);
    const token = `token-${made}`;
    return jsonReply(201, linkSchema, { ...link, token, url: `${origin()}/l#${token}` });
  };

  return {
    /** `undefined` where there is no such route. */
    answer(method: string, url: URL, body: unknown, idempotencyKey?: string): Reply | undefined {
      const [, , resource, targetId = "", action, linkId] = url.pathname.split("/");
      if ((resource !== "files" && resource !== "albums") || action !== "links") return undefined;
      if (resource === "files" ? !isFile(targetId) : targetId !== scriptedAlbumId) return nothingHere();
      if (method === "POST" && linkId === undefined) return create(targetId, body, idempotencyKey);
      if (method === "GET" && linkId === undefined) {
        const items = [...links.values()].filter((link) => link.targetId === targetId).map(shown);
        return jsonReply(200, linkListSchema, { items: items.reverse(), nextCursor: null });
      }
      if (method !== "DELETE" || links.get(linkId ?? "")?.targetId !== targetId) return nothingHere();
      links.delete(linkId ?? "");
      return { status: 204, body: "" };
    },
  };
}
