import { albumAudience, organisationAudience, personAudience, publicAudience } from "../policy/audiences.ts";
import { actsAsPerson, type Principal } from "../policy/principal.ts";
import type { Refusal } from "../refusal.ts";
import type { FileList } from "./file-list.ts";
import type { FileType } from "./file-type.ts";

export const fileScopes = ["own", "shared", "organisation", "public", "trash"] as const;
export const fileSorts = ["created", "taken", "name"] as const;

/** What may be asked of a list, one by one. */
export interface FileListQuery {
  readonly scope?: (typeof fileScopes)[number] | undefined;
  readonly sort?: (typeof fileSorts)[number] | undefined;
  readonly type?: FileType | undefined;
  /** What a word of the name begins with. */
  readonly q?: string | undefined;
  /** Pairs of metadata. */
  readonly metadata?: readonly (readonly [name: string, value: string])[] | undefined;
  readonly albumId?: string | undefined;
}

/** What goes together, for people: each is an index, and nothing else is one. */
export const fileListCombinations =
  "sort=created, sort=taken or sort=name; type with sort=created or sort=taken; one metadata pair with sort=created; " +
  "q by itself; scope=shared, scope=organisation, scope=public or scope=trash by itself; albumId by itself; ids by themselves, without limit and cursor";

/**
 * The list that is asked for; a refusal where no index has it, in every deployment alike. Nothing is shown to the organisation of who is of
 * none: that is an empty list, too. Of what others show, who came with a capability has no list but its album's.
 */
export function chooseFileList(
  { scope = "own", sort, type, q, metadata = [], albumId }: FileListQuery,
  principal: Principal,
): FileList | Refusal {
  const { id, organisationId = "" } = principal;
  const [pair] = metadata;
  const narrowed = [scope !== "own", type !== undefined, q !== undefined, ...metadata.map(() => true)];
  if (albumId !== undefined && sort === undefined && !narrowed.includes(true)) return albumList(albumId);
  if (albumId !== undefined) return noSuchList;
  const isOne = narrowed.filter(Boolean).length <= 1;
  if (isOne && scope === "trash" && sort === undefined) return { by: "trashed" };
  if (isOne && isOthers(scope) && sort === undefined)
    return by(actsAsPerson(principal) ? audienceOf(scope, { id, organisationId }) : organisationAudience(""));
  if (isOne && q !== undefined && sort === undefined) return { by: "search", text: q };
  if (isOne && pair && (sort ?? "created") === "created")
    return { by: "metadata", name: pair[0], value: pair[1] };
  if (isOne && scope === "own" && q === undefined && !pair) {
    if (sort !== "name") return { by: sort ?? "created", ...(type !== undefined && { type }) };
    if (type === undefined) return { by: "name" };
  }
  return noSuchList;
}

type OthersScope = "shared" | "organisation" | "public";

const isOthers = (scope: (typeof fileScopes)[number]): scope is OthersScope =>
  scope === "shared" || scope === "organisation" || scope === "public";

const audienceOf = (scope: OthersScope, who: { readonly id: string; readonly organisationId: string }) => {
  switch (scope) {
    case "shared":
      return personAudience(who.id);
    case "organisation":
      return organisationAudience(who.organisationId);
    case "public":
      return publicAudience;
  }
};

const by = (audience: string): FileList => ({ by: "audience", audience });

/** Of an album's files. */
export const albumList = (albumId: string) => ({ by: "audience", audience: albumAudience(albumId) }) as const;

export const noSuchList: Refusal = {
  code: "unsupported-combination",
  detail: `There is no such list. What can be asked together: ${fileListCombinations}.`,
};
