import type {
  Album,
  AlbumInvite,
  AlbumInviteList,
  AlbumList,
  AlbumMember,
  AlbumMemberList,
  FileList,
  NewAlbumInvite,
} from "@stowage/protocol";
import { type ApiAnswer, hasItems, hasMember } from "./api-request.ts";
import { changeAtRevision } from "./at-revision.ts";
import { newRef } from "./new-ref.ts";
import type { Abortable, FileSource } from "./ports.ts";
import { queryOf } from "./query.ts";
import type { Uploader } from "./uploader.ts";

export interface AlbumWish {
  /** 1 to 1024 bytes of UTF-8. */
  readonly name: string;
  /** RFC 3339: seals it until then; in the future, within ten years. Said now or never. */
  readonly revealAt?: string | undefined;
  /** Uploads that each member may make to it, 1 to 100,000. Default: as many as they like. */
  readonly shotsPerMember?: number | undefined;
}

/** What is left out stays. */
export interface AlbumUpdate {
  readonly name?: string;
  /** While it is sealed: another time, in the future. */
  readonly revealAt?: string;
  /** `null`: as many as they like. */
  readonly shotsPerMember?: number | null;
}

export interface AlbumInviteWish {
  readonly role: AlbumInvite["role"];
  /** How many may join by it, 1 to 10,000. Default: the server's. */
  readonly maxUses?: number | undefined;
  /** RFC 3339, within 366 days. Default: in 30 days. */
  readonly expiresAt?: string | undefined;
}

/** A page of a list: `limit` 1 to 200, default 50. */
type PageOptions = Abortable & { readonly cursor?: string | undefined; readonly limit?: number };

/** Files that people put together, sealed until a reveal where one is set. What one may not see is `not-found`. */
export interface Albums {
  /** @throws ProblemError `validation-failed` */
  create(wish: AlbumWish, options?: Abortable): Promise<Album>;
  /** Those that one is in, joined last first. */
  list(options?: PageOptions): Promise<AlbumList>;
  /** @throws ProblemError `not-found` */
  get(id: string, options?: Abortable): Promise<Album>;
  /**
   * Of an owner. Whatever else is changed meanwhile, this is changed too.
   *
   * @throws ProblemError `not-found`, `forbidden`, `not-sealed`, `validation-failed`
   */
  update(id: string, update: AlbumUpdate, options?: Abortable): Promise<Album>;
  /**
   * Of an owner. The files stay their owners'.
   *
   * @throws ProblemError `not-found`, `forbidden`; `sealed` where one that is sealed has something in it
   */
  remove(id: string, options?: Abortable): Promise<void>;
  /** Of an owner: before its time, once and for good. Throws ProblemError `not-found`, `forbidden`. */
  reveal(id: string, options?: Abortable): Promise<Album>;
  /** Newest first, whoever sent them. Throws ProblemError `not-found`, also while it is sealed. */
  files(id: string, options?: PageOptions): Promise<FileList>;
  /**
   * Takes a file out: its owner, who put it there, or an owner of the album. One that is not in it stays so.
   *
   * @throws ProblemError `not-found`, `forbidden`, `sealed`
   */
  removeFile(id: string, fileId: string, options?: Abortable): Promise<void>;
  /** Who is in it, by id, guests too. Throws ProblemError `not-found`. */
  members(id: string, options?: PageOptions): Promise<AlbumMemberList>;
  /**
   * Puts somebody in, or gives them another role; there is no telling whether the id is anybody's.
   *
   * @throws ProblemError `not-found`, `forbidden`, `last-owner`, `guest-owner`, `album-full`
   */
  setMember(id: string, userId: string, role: AlbumMember["role"], options?: Abortable): Promise<AlbumMember>;
  /** Puts somebody out, or leaves. Throws ProblemError `not-found`, `forbidden`, `last-owner`. */
  removeMember(id: string, userId: string, options?: Abortable): Promise<void>;
  /**
   * A way in for whoever has its token, which is told this once. One whose answer was lost is taken back, and another one made.
   *
   * @throws ProblemError `not-found`, `forbidden`, `too-many-invites`, `validation-failed`
   */
  invite(id: string, wish: AlbumInviteWish, options?: Abortable): Promise<NewAlbumInvite>;
  /** Newest first, without their tokens; at most 100. Throws ProblemError `not-found`, `forbidden`. */
  invites(id: string, options?: Abortable): Promise<AlbumInviteList>;
  /** Who has joined by it stays. Throws ProblemError `not-found`, `forbidden`. */
  revokeInvite(id: string, inviteId: string, options?: Abortable): Promise<void>;
}

/** Albums by a client. By itself, so that who only uploads loads none of it. */
export function createAlbums<Source extends FileSource>({
  askApi,
  platform,
}: Pick<Uploader<Source>, "askApi" | "platform">): Albums {
  const pathOf = (id: string, ...rest: string[]) =>
    ["/v1/albums", ...[id, ...rest].map(encodeURIComponent)].join("/");
  const read =
    <Thing>(member: string) =>
    ({ json }: ApiAnswer) =>
      hasMember(json, member) ? (json as unknown as Thing) : undefined;
  const readAlbum = read<Album>("id");
  const readList = <List>({ json }: ApiAnswer) => (hasItems(json) ? (json as unknown as List) : undefined);

  const page = <List>(path: string, { signal, ...query }: PageOptions = {}): Promise<List> =>
    askApi({ method: "GET", path: path + queryOf(query), signal }, readList<List>);
  const erase = async (path: string, { signal }: Abortable = {}): Promise<void> => {
    await askApi({ method: "DELETE", path, signal }, ({ status }) => status === 204 || undefined);
  };

  const revokeInvite: Albums["revokeInvite"] = (id, inviteId, options) =>
    erase(pathOf(id, "invites", inviteId), options);

  return {
    create: (wish, { signal } = {}) =>
      askApi(
        {
          method: "POST",
          path: "/v1/albums",
          body: wish,
          headers: { "idempotency-key": newRef(platform.random) },
          signal,
        },
        readAlbum,
      ),
    list: (options) => page("/v1/albums", options),
    get: (id, { signal } = {}) => askApi({ method: "GET", path: pathOf(id), signal }, readAlbum),
    update: (id, update, { signal } = {}) =>
      changeAtRevision<Album, Album>(askApi, {
        method: "PATCH",
        path: pathOf(id),
        body: update,
        signal,
        read: readAlbum,
        isDone: (now) => (now && isAsWished(now, update) ? now : undefined),
      }),
    remove: async (id, { signal } = {}) => {
      await changeAtRevision<Album, true>(askApi, {
        method: "DELETE",
        path: pathOf(id),
        signal,
        read: ({ status }) => status === 204 || undefined,
        isDone: (now) => !now || undefined,
      });
    },
    reveal: (id, { signal } = {}) =>
      askApi({ method: "POST", path: pathOf(id, "reveal"), signal }, readAlbum),
    files: (id, options) => page(pathOf(id, "files"), options),
    removeFile: (id, fileId, options) => erase(pathOf(id, "files", fileId), options),
    members: (id, options) => page(pathOf(id, "members"), options),
    setMember: (id, userId, role, { signal } = {}) =>
      askApi(
        { method: "PUT", path: pathOf(id, "members", userId), body: { role }, signal },
        read<AlbumMember>("userId"),
      ),
    removeMember: (id, userId, options) => erase(pathOf(id, "members", userId), options),
    invite: async (id, wish, { signal } = {}) => {
      for (;;) {
        const path = pathOf(id, "invites");
        const request = { path, body: wish, headers: { "idempotency-key": newRef(platform.random) }, signal };
        const invite = await askApi({ method: "POST", ...request }, read<NewAlbumInvite>("id"));
        if (invite.token !== undefined) return invite;
        await revokeInvite(id, invite.id, { signal });
      }
    },
    invites: (id, options) => page(pathOf(id, "invites"), options),
    revokeInvite,
  };
}

function isAsWished(album: Album, { name, revealAt, shotsPerMember }: AlbumUpdate): boolean {
  const sameTime =
    revealAt === undefined ||
    (album.revealAt !== undefined && Date.parse(revealAt) === Date.parse(album.revealAt));
  return (
    (name === undefined || name === album.name) &&
    sameTime &&
    (shotsPerMember === undefined || (shotsPerMember ?? undefined) === album.shotsPerMember)
  );
}
