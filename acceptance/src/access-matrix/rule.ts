/**
 * Who may do what with which file, restated from docs alone (the API's contract: Versions, Files, Albums and reveal) over a world that the
 * suite made itself.
 */

/** An album, as its makers know it. */
export interface MadeAlbum {
  readonly id: string;
  readonly name: string;
  readonly isSealed: boolean;
  /** By their ids. */
  readonly members: ReadonlyMap<string, "viewer" | "contributor" | "owner">;
}

/** A file, or one that was or is to be, as its maker knows it. */
export interface MadeFile {
  /** In words. */
  readonly what: string;
  readonly id: string;
  readonly uploadId: string;
  readonly ownerId: string;
  /** `none`: purged, or not sent yet. */
  readonly state: "ready" | "trashed" | "quarantined" | "sealed" | "none";
  /** What it is once its album is revealed. Default: ready. */
  readonly underSeal?: "quarantined";
  readonly visibility: "private" | "organisation" | "public";
  /** Of its owner. */
  readonly organisation: string | undefined;
  /** To whom it was granted and not taken back, and whether that has ended. */
  readonly grants: readonly {
    readonly userId: string;
    readonly hasEnded: boolean;
    readonly isBrokenGlass?: true;
  }[];
  readonly albums: readonly MadeAlbum[];
  /** A word of its name: no answer to somebody who may not see it contains that. */
  readonly name: string;
  /** Of its metadata, of its bytes as they were sent, and their digest: nobody but its owner is told. */
  readonly ownersMarks: readonly string[];
}

/** Who asks, and with what. */
export interface Asking {
  /** Absent: with no token, or with a link's. */
  readonly userId?: string;
  readonly organisation?: string;
  /** What they came with in place of an issuer's token. */
  readonly cameBy?:
    | { readonly kind: "file-link" | "album-link"; readonly id: string }
    | { readonly kind: "guest"; readonly albumId: string }
    /** With a token that somebody minted to send with, as they. */
    | { readonly kind: "sender" };
  /** Whether they came with a token that somebody minted with all that they may do with files and albums: what is their account's is not its. */
  readonly isProgram?: true;
  /** A token that is good for nothing: whatever is asked is 401. */
  readonly isRefused?: true;
}

export type Right = "read" | "history" | "change" | "share" | "delete";

const nothing: ReadonlySet<Right> = new Set();
const everything: ReadonlySet<Right> = new Set(["read", "history", "change", "share", "delete"]);
const reading: ReadonlySet<Right> = new Set(["read"]);

export function rightsTo(asking: Asking, file: MadeFile): ReadonlySet<Right> {
  if (asking.isRefused || file.state === "sealed" || file.state === "none") return nothing;
  const { userId, cameBy } = asking;
  if (cameBy?.kind === "sender") return nothing;
  if (userId !== undefined && userId === file.ownerId)
    return cameBy ? new Set<Right>(["read", "delete"]) : everything;
  return file.state === "ready" && isShownTo(asking, file) ? reading : nothing;
}

function isShownTo({ userId, organisation, cameBy }: Asking, file: MadeFile): boolean {
  const inAlbum = (albumId: string) => file.albums.some(({ id }) => id === albumId);
  switch (cameBy?.kind) {
    case "file-link":
      return cameBy.id === file.id;
    case "album-link":
      return inAlbum(cameBy.id);
    case "guest":
      return inAlbum(cameBy.albumId);
    default:
      if (file.visibility === "public") return true;
      if (userId === undefined) return false;
      return (
        file.grants.some((grant) => grant.userId === userId && !grant.hasEnded) ||
        file.albums.some(({ members }) => members.has(userId)) ||
        (file.visibility === "organisation" &&
          organisation !== undefined &&
          organisation === file.organisation)
      );
  }
}

/** What of a file somebody must not be told. Its maker has its upload, too: only a seal hides that from them. */
export const hiddenMarks = (asking: Asking, file: MadeFile): readonly string[] => {
  const rights = rightsTo(asking, file);
  if (rights.has("history") || (asking.userId === file.ownerId && file.state !== "sealed")) return [];
  return rights.has("read") ? file.ownersMarks : [file.name, ...file.ownersMarks];
};

export type AlbumRight = "see" | "list" | "add" | "manage";

const rightsOfRoles: ReadonlyMap<string, readonly AlbumRight[]> = new Map([
  ["viewer", ["see", "list"]],
  ["contributor", ["see", "list", "add"]],
  ["owner", ["see", "list", "add", "manage"]],
]);

/** Who may do what with which album. Sealed, it is listed to nobody. */
export function rightsToAlbum(asking: Asking, album: MadeAlbum): ReadonlySet<AlbumRight> {
  const { userId, cameBy, isRefused } = asking;
  const role = userId === undefined ? undefined : album.members.get(userId);
  const as =
    cameBy === undefined
      ? role
      : cameBy.kind === "guest"
        ? cameBy.albumId === album.id && role !== undefined && "contributor"
        : cameBy.kind === "album-link" && cameBy.id === album.id && "viewer";
  const rights = new Set(as && !isRefused ? rightsOfRoles.get(as) : []);
  if (album.isSealed) rights.delete("list");
  return rights;
}

type IsListed = (asking: Asking, file: MadeFile) => boolean;

const isOwn: IsListed = ({ userId }, { ownerId, state }) => ownerId === userId && state === "ready";

/** The lists of `GET /v1/files` by their queries: whether a file is in it. */
export const lists: ReadonlyMap<string, IsListed> = new Map<string, IsListed>([
  ...["", "scope=own", "sort=name", "sort=taken", "type=image", "q=matrix", "metadata.world=matrix"].map(
    (query) => [query, isOwn] as const,
  ),
  [
    "scope=trash",
    ({ userId }, { ownerId, state }) =>
      ownerId === userId && (state === "trashed" || state === "quarantined"),
  ],
  [
    "scope=shared",
    ({ userId, cameBy }, { state, grants }) =>
      state === "ready" &&
      !cameBy &&
      grants.some((grant) => grant.userId === userId && !grant.hasEnded && !grant.isBrokenGlass),
  ],
  [
    "scope=organisation",
    (asking, { state, visibility, organisation }) =>
      state === "ready" &&
      visibility === "organisation" &&
      !asking.cameBy &&
      organisation !== undefined &&
      asking.organisation === organisation,
  ],
  [
    "scope=public",
    ({ cameBy }, { state, visibility }) => state === "ready" && visibility === "public" && !cameBy,
  ],
]);
