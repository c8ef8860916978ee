import type {
  AcceptedInvite,
  File,
  FileInvite,
  FileInviteList,
  Grant,
  GrantList,
  PersonList,
  ReceivedInviteList,
} from "@stowage/protocol";
import { type ApiAnswer, hasItems, hasMember } from "./api-request.ts";
import { changeAtRevision } from "./at-revision.ts";
import type { Abortable, FileSource } from "./ports.ts";
import { queryOf } from "./query.ts";
import type { Uploader } from "./uploader.ts";

/** A page of a list: `limit` 1 to 200, default 50. */
type PageOptions = Abortable & { readonly cursor?: string | undefined; readonly limit?: number };

/** Until when a right holds: RFC 3339, in the future. Default: until it is taken back. */
type Ending = Abortable & { readonly endsAt?: string | undefined };

/** What is to be changed of who gets what of a file; what is left out stays. */
export interface AudienceUpdate {
  readonly visibility?: File["visibility"];
  /** Whether others get the bytes as they were sent, with places and devices that stand in them. */
  readonly shareOriginal?: boolean;
  /** All albums that it is to be in, at most 20. */
  readonly albumIds?: readonly string[];
}

/** Who sees one's own files, and what others have shared with one. */
export interface Sharing {
  /** With whom a file is shared, by id. A page may be short where rights have just ended. Throws ProblemError `not-found`. */
  grants(fileId: string, options?: PageOptions): Promise<GrantList>;
  /**
   * Shares a file with somebody, or says until when; there is no telling whether the id is anybody's.
   *
   * @throws ProblemError `not-found`, `sealed`, `too-many-grants`, `validation-failed`
   */
  grant(fileId: string, userId: string, options?: Ending): Promise<Grant>;
  /** From the next request on. Throws ProblemError `not-found`. */
  revoke(fileId: string, userId: string, options?: Abortable): Promise<void>;
  /**
   * Offers a file to whoever signs in with that address, verified. Nobody is written to, and no address is looked up. The same address
   * again gets a new end.
   *
   * @throws ProblemError `not-found`, `sealed`, `too-many-invites`, `validation-failed`
   */
  invite(fileId: string, email: string, options?: Ending): Promise<FileInvite>;
  /** That wait to be accepted. Throws ProblemError `not-found`. */
  invites(fileId: string, options?: PageOptions): Promise<FileInviteList>;
  /** Takes an invite back. Throws ProblemError `not-found`. */
  withdraw(fileId: string, inviteId: string, options?: Abortable): Promise<void>;
  /** What others offer to the address that one's issuer says is verified. */
  received(options?: PageOptions): Promise<ReceivedInviteList>;
  /** Throws ProblemError `not-found`, `too-many-grants`. */
  accept(inviteId: string, options?: Abortable): Promise<AcceptedInvite>;
  /** Throws ProblemError `not-found`. */
  decline(inviteId: string, options?: Abortable): Promise<void>;
  /** People of one's own organisation, by how words of their name or address begin: 2 characters or more. */
  people(words: string, options?: PageOptions): Promise<PersonList>;
  /**
   * Changes who sees a file of one's own, and what they get. Whatever else is changed meanwhile, this is changed too.
   *
   * @throws ProblemError `not-found`, `file-not-ready`, `sealed`, `validation-failed`, `no-shots-left`
   */
  update(fileId: string, update: AudienceUpdate, options?: Abortable): Promise<File>;
}

/** Sharing by a client. By itself, so that who only uploads loads none of it. */
export function createSharing<Source extends FileSource>({
  askApi,
}: Pick<Uploader<Source>, "askApi">): Sharing {
  const pathOf = (fileId: string, ...rest: string[]) =>
    ["/v1/files", ...[fileId, ...rest].map(encodeURIComponent)].join("/");
  const read =
    <Thing>(member: string) =>
    ({ json }: ApiAnswer) =>
      hasMember(json, member) ? (json as unknown as Thing) : undefined;
  const page = <List>(path: string, { signal, ...query }: PageOptions = {}): Promise<List> =>
    askApi({ method: "GET", path: path + queryOf(query), signal }, ({ json }) =>
      hasItems(json) ? (json as unknown as List) : undefined,
    );
  const erase = async (path: string, { signal }: Abortable = {}): Promise<void> => {
    await askApi({ method: "DELETE", path, signal }, ({ status }) => status === 204 || undefined);
  };

  return {
    grants: (fileId, options) => page(pathOf(fileId, "grants"), options),
    grant: (fileId, userId, { signal, ...body } = {}) =>
      askApi({ method: "PUT", path: pathOf(fileId, "grants", userId), body, signal }, read<Grant>("userId")),
    revoke: (fileId, userId, options) => erase(pathOf(fileId, "grants", userId), options),
    invite: (fileId, email, { signal, ...ending } = {}) =>
      askApi(
        { method: "POST", path: pathOf(fileId, "invites"), body: { email, ...ending }, signal },
        read<FileInvite>("id"),
      ),
    invites: (fileId, options) => page(pathOf(fileId, "invites"), options),
    withdraw: (fileId, inviteId, options) => erase(pathOf(fileId, "invites", inviteId), options),
    received: (options) => page("/v1/invites", options),
    accept: (inviteId, { signal } = {}) =>
      askApi(
        { method: "POST", path: `/v1/invites/${encodeURIComponent(inviteId)}/accept`, signal },
        read<AcceptedInvite>("fileId"),
      ),
    decline: (inviteId, options) => erase(`/v1/invites/${encodeURIComponent(inviteId)}`, options),
    people: (words, { signal, ...query } = {}) =>
      page("/v1/users", { q: words, signal, ...query } as PageOptions),
    update: (fileId, update, { signal } = {}) =>
      changeAtRevision<File, File>(askApi, {
        method: "PATCH",
        path: pathOf(fileId),
        body: update,
        signal,
        read: read<File>("id"),
        isDone: (now) => (now && isAsWished(now, update) ? now : undefined),
      }),
  };
}

function isAsWished(file: File, { visibility, shareOriginal, albumIds }: AudienceUpdate): boolean {
  const are = [...(file.albumIds ?? [])].sort().join();
  return (
    (visibility === undefined || visibility === file.visibility) &&
    (shareOriginal === undefined || shareOriginal === (file.shareOriginal ?? false)) &&
    (albumIds === undefined || [...albumIds].sort().join() === are)
  );
}
