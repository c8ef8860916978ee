import type { DelegationRecord } from "../delegation.ts";
import type { FileRecord } from "../file.ts";
import { type FilePosition, positionOf } from "../file-lists/file-list.ts";
import type { LinkRecord } from "../link.ts";
import type { LinkTarget } from "../policy/principal.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import type { PrincipalRecord } from "../principal.ts";
import type { UploadRecord } from "../upload.ts";
import { listRevealed } from "./albums/list-revealed.ts";
import { findSealedUploads } from "./albums/sealed-uploads.ts";

/** One of the files in an archive that Stowage writes itself, as JSON. */
export interface AccountDocument {
  readonly name: string;
  readonly value: unknown;
}

/** Of who a person is. */
export const accountName = "account.json";

/** In which everything else that is known of them is. */
export const accountFolder = "account";

/** Rows that are looked up together. */
const pageSize = 200;

/** Rows in one document: what of them is in memory at once, however many there are. */
const itemsPerDocument = 1000;

type Rows = AsyncGenerator<object>;

/**
 * What is known of a person beside their files' bytes, for themselves. `account.json` says who they are; below `account/` are, in documents of a
 * thousand items, their files (the trash too), uploads, albums, whom they let in (grants, invites and links), and what they let programs do. Times are RFC 3339. Tokens themselves and
 * passphrases are in no row; of others no more is told than ids, and the addresses that they wrote themselves. Of what is sealed no
 * more is told than anywhere else: that there is an upload, and its state.
 */
export async function* describeAccount(
  metadata: MetadataStore,
  person: PrincipalRecord,
): AsyncGenerator<AccountDocument> {
  const { id, issuer, subject, email, name, organisation, usedBytes, createdAtMs } = person;
  const createdAt = timeOf(createdAtMs);
  yield {
    name: accountName,
    value: { id, issuer, subject, email, name, organisation, usedBytes, createdAt },
  };
  yield* documentsOf("files", filesOf(metadata, id));
  yield* documentsOf("uploads", uploadsOf(metadata, id));
  yield* documentsOf("grants", ofEachFile(metadata, id, grantsOf));
  yield* documentsOf("invites", ofEachFile(metadata, id, invitesOf));
  yield* documentsOf(
    "links",
    ofEachFile(metadata, id, (store, file) => linksOf(store, { kind: "file", id: file.id })),
  );
  yield* documentsOf("albums", albumsOf(metadata, id));
  yield* documentsOf("tokens", tokensOf(metadata, id));
}

async function* documentsOf(name: string, rows: Rows): AsyncGenerator<AccountDocument> {
  let number = 1;
  let items: object[] = [];
  const taken = (): AccountDocument => {
    const document = { name: `${accountFolder}/${name}-${number}.json`, value: { items } };
    number += 1;
    items = [];
    return document;
  };
  for await (const row of rows) {
    items.push(row);
    if (items.length === itemsPerDocument) yield taken();
  }
  if (items.length > 0) yield taken();
}

/** All pages of a list, row by row. */
async function* pages<Row>(read: (last: Row | undefined) => Promise<readonly Row[]>): AsyncGenerator<Row> {
  let last: Row | undefined;
  do {
    const page: readonly Row[] = await read(last);
    yield* page;
    last = page.length < pageSize ? undefined : page.at(-1);
  } while (last !== undefined);
}

async function* ownFiles(metadata: MetadataStore, ownerId: string): AsyncGenerator<FileRecord> {
  for (const list of [{ by: "created" }, { by: "trashed" }] as const)
    yield* pages<FileRecord>((last) => {
      const after: { readonly after?: FilePosition } = last ? { after: positionOf(list, last) } : {};
      return listRevealed({ metadata }, { ownerId, list, limit: pageSize, ...after });
    });
}

async function* ofEachFile(
  metadata: MetadataStore,
  ownerId: string,
  rowsOf: (metadata: MetadataStore, file: FileRecord) => Rows,
): Rows {
  for await (const file of ownFiles(metadata, ownerId)) yield* rowsOf(metadata, file);
}

async function* filesOf(metadata: MetadataStore, ownerId: string): Rows {
  for await (const file of ownFiles(metadata, ownerId))
    yield {
      id: file.id,
      name: file.name,
      state: file.state,
      visibility: file.audience?.kind ?? "private",
      shareOriginal: file.sharesOriginal ?? false,
      albumIds: file.albumIds ?? [],
      metadata: file.metadata,
      version: file.version,
      contentType: file.current.contentType,
      sizeBytes: file.current.sizeBytes,
      sha256: file.current.sha256,
      createdAt: timeOf(file.createdAtMs),
      trashedAt: timeOf(file.trashedAtMs),
    };
}

async function* uploadsOf(metadata: MetadataStore, ownerId: string): Rows {
  let after: UploadRecord | undefined;
  do {
    const page = await metadata.listUploads({
      ownerId,
      limit: pageSize,
      ...(after ? { after: { createdAtMs: after.createdAtMs, id: after.id } } : {}),
    });
    const sealed = await findSealedUploads({ metadata }, page);
    for (const upload of page)
      yield sealed.has(upload.id) ? { id: upload.id, state: upload.state } : describeUpload(upload);
    after = page.length < pageSize ? undefined : page.at(-1);
  } while (after);
}

const describeUpload = (upload: UploadRecord): object => ({
  id: upload.id,
  fileId: upload.fileId,
  name: upload.name,
  state: upload.state,
  sizeBytes: upload.sizeBytes,
  contentType: upload.contentType,
  metadata: upload.metadata,
  createdAt: timeOf(upload.createdAtMs),
});

async function* grantsOf(metadata: MetadataStore, { id: fileId }: FileRecord): Rows {
  const grants = pages<{ readonly userId: string; readonly grantedAtMs: number; readonly endsAtMs?: number }>(
    (last) => metadata.listGrants({ fileId, limit: pageSize, ...(last ? { after: last.userId } : {}) }),
  );
  for await (const { userId, grantedAtMs, endsAtMs } of grants)
    yield { fileId, userId, grantedAt: timeOf(grantedAtMs), endsAt: timeOf(endsAtMs) };
}

async function* invitesOf(metadata: MetadataStore, { id: fileId }: FileRecord): Rows {
  const invites = pages<{
    readonly id: string;
    readonly email: string;
    readonly createdAtMs: number;
    readonly expiresAtMs: number;
  }>((last) => metadata.listFileInvites({ fileId, limit: pageSize, ...(last ? { after: last.id } : {}) }));
  for await (const { email, createdAtMs, expiresAtMs } of invites)
    yield { fileId, email, createdAt: timeOf(createdAtMs), expiresAt: timeOf(expiresAtMs) };
}

async function* linksOf(metadata: MetadataStore, target: LinkTarget): Rows {
  const links = pages<LinkRecord>((last) =>
    metadata.listLinks({
      target,
      limit: pageSize,
      ...(last ? { after: { createdAtMs: last.createdAtMs, id: last.id } } : {}),
    }),
  );
  for await (const link of links)
    yield {
      id: link.id,
      target,
      hasPassphrase: link.hasPassphrase,
      opens: link.opens,
      maxOpens: link.maxOpens,
      createdAt: timeOf(link.createdAtMs),
      endsAt: timeOf(link.endsAtMs),
    };
}

async function* tokensOf(metadata: MetadataStore, personId: string): Rows {
  const delegations = pages<DelegationRecord>((last) =>
    metadata.listDelegations({
      personId,
      limit: pageSize,
      ...(last ? { after: { createdAtMs: last.createdAtMs, id: last.id } } : {}),
    }),
  );
  for await (const { id, scopes, bounds, sentFiles, sentBytes, createdAtMs, endsAtMs } of delegations)
    yield {
      ...{ id, scopes, ...bounds, sentFiles, sentBytes },
      createdAt: timeOf(createdAtMs),
      endsAt: timeOf(endsAtMs),
    };
}

async function* albumsOf(metadata: MetadataStore, principalId: string): Rows {
  type Standing = Awaited<ReturnType<MetadataStore["listAlbums"]>>[number];
  const standings = pages<Standing>((last) =>
    metadata.listAlbums({
      principalId,
      limit: pageSize,
      ...(last ? { after: { joinedAtMs: last.member.joinedAtMs, id: last.album.id } } : {}),
    }),
  );
  for await (const { album, member } of standings) {
    const links: object[] = [];
    if (member.role === "owner")
      for await (const link of linksOf(metadata, { kind: "album", id: album.id })) links.push(link);
    yield {
      id: album.id,
      name: album.name,
      role: member.role,
      joinedAt: timeOf(member.joinedAtMs),
      createdAt: timeOf(album.createdAtMs),
      revealAt: timeOf(album.revealAtMs),
      revealedAt: timeOf(album.revealedAtMs),
      ...(member.role === "owner" ? { links } : {}),
    };
  }
}

const timeOf = (atMs: number | undefined): string | undefined =>
  atMs === undefined ? undefined : new Date(atMs).toISOString();
