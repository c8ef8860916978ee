import type { FileRecord } from "../file.ts";
import { multipartKey, newLandingKey, newStoragePrefix } from "../keys.ts";
import { type Limits, quotaBytesOf, uploadLifetimeMsOf } from "../limits.ts";
import { choosePartSize } from "../part-plan.ts";
import { isWithinBounds } from "../policy/decide-upload-access.ts";
import type { Principal } from "../policy/principal.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import type { CreateUploadOutcome, CreateUploads, NewUpload } from "../ports/upload-commands.ts";
import type { Profile } from "../profile.ts";
import { notFound, type Refusal } from "../refusal.ts";
import type { UploadRecord } from "../upload.ts";
import { findVisibleAlbums } from "./albums/find-album.ts";
import { applyBounds } from "./apply-bounds.ts";
import { chooseAudience, maySendAsTheyLike, type Visibility } from "./choose-audience.ts";
import { decideIntent, type FileIntent } from "./decide-intent.ts";
import { decideReplacement } from "./decide-replacement.ts";
import type { ServicePorts } from "./ports.ts";
import { presignUpload, type UploadAnswer } from "./presign-upload.ts";

export type CreateAnswer = UploadAnswer | { readonly refusal: Refusal };

/**
 * Reserves a batch, and presigns what goes in a single PUT; part URLs are minted when parts are about to be sent.
 * Answers in the order of the intents; one bad file never fails its batch. The rows are written in one transaction,
 * then URLs are signed: no call to the object store.
 *
 * @throws MetadataUnavailableError nothing was written
 */
export async function createUploads(
  ports: Pick<ServicePorts, "metadata" | "objects" | "clock" | "ids" | "limits" | "profiles">,
  principal: Principal,
  asked: readonly FileIntent[],
): Promise<CreateAnswer[]> {
  const { metadata, ids, limits, profiles } = ports;
  const { intents, answers } = boundBy(principal, asked);
  const accepted: { readonly index: number; readonly item: NewUpload; readonly refusal?: Refusal }[] = [];
  const replaced = await findReplaced(metadata, intents);
  const albums = await findAlbumsToFill(ports, principal, intents);
  for (const [index, intent] of intents.entries()) {
    if (answers[index]) continue;
    const decision = decideIntent(profiles, intent);
    if (!decision.accepted) {
      answers[index] = { refusal: decision.refusal };
      continue;
    }
    const { replaces } = intent;
    const audience = audienceFor(principal, intent.visibility, decision.profile);
    if ("refusal" in audience) {
      answers[index] = audience;
      continue;
    }
    const refusal =
      decideAlbum(principal, albums, intent) ??
      (replaces &&
        decideReplacement(principal, replaced.get(replaces.fileId), replaces, ports.clock.nowMs()));
    // What was sent already is answered as it is, whatever has become of the file since.
    if (refusal && intent.ref === undefined) {
      answers[index] = { refusal };
      continue;
    }
    const storagePrefix = newStoragePrefix(ids);
    accepted.push({
      index,
      ...(refusal ? { refusal } : {}),
      item: {
        id: ids.newId(),
        fileId: ids.newId(),
        ...(intent.ref === undefined ? {} : { ref: intent.ref }),
        name: intent.name,
        sizeBytes: intent.sizeBytes,
        contentType: intent.contentType,
        ...(intent.sha256 === undefined ? {} : { sha256: intent.sha256 }),
        profile: decision.profile.name,
        metadata: intent.metadata ?? {},
        ...audience,
        landingKey: decision.inParts ? multipartKey({ storagePrefix }) : newLandingKey(ids),
        storagePrefix,
        ...(replaces ? { replaces } : {}),
        ...(intent.albumId === undefined ? {} : { albumId: intent.albumId }),
        ...(refusal ? { repeatsOnly: true } : {}),
        ...(decision.inParts ? { multipart: { partSizeBytes: choosePartSize(intent.sizeBytes) } } : {}),
      },
    });
  }
  if (accepted.length > 0) {
    const outcomes = await metadata.createUploads({
      ownerId: principal.id,
      quotaBytes: quotaBytesOf(limits, principal),
      quotaFiles: limits.quotaFiles,
      organisationQuotaBytes: limits.organisationQuotaBytes,
      organisationQuotaFiles: limits.organisationQuotaFiles,
      ...(principal.capability?.kind === "guest" ? { guests: guestBoundsOf(limits) } : {}),
      ...(principal.capability?.kind === "delegation" ? { delegationId: principal.capability.id } : {}),
      maxOpenUploads: limits.openUploads,
      uploadLifetimeMs: uploadLifetimeMsOf(limits, principal),
      urlLifetimeMs: limits.urlLifetimeSeconds * 1000,
      items: accepted.map(({ item }) => item),
    });
    for (const [position, outcome] of outcomes.entries()) {
      const { index, item, refusal } = accepted[position] ?? {};
      if (index === undefined || item === undefined)
        throw new Error("The store answered more than it was asked.");
      answers[index] =
        outcome.outcome === "not-repeated"
          ? { refusal: refusal ?? notFound }
          : answerFor(ports, principal, outcome, item.sizeBytes);
    }
  }
  return answers.map((answer, index) => {
    if (!answer) throw new Error(`The store left item ${index} unanswered.`);
    return answer;
  });
}

/** The files as a token that a person minted sends them, and its refusals in their places; of anybody else they are what was asked. */
function boundBy(
  { capability }: Principal,
  asked: readonly FileIntent[],
): { readonly intents: readonly FileIntent[]; readonly answers: (CreateAnswer | undefined)[] } {
  if (capability?.kind !== "delegation") return { intents: asked, answers: [] };
  const bound = asked.map((intent) => applyBounds(capability.bounds, intent));
  return {
    intents: bound.map((one, index) => ("refusal" in one ? (asked[index] as FileIntent) : one.intent)),
    answers: bound.map((one) => ("refusal" in one ? one : undefined)),
  };
}

/** To whom the file is to be shown: to those whom its sender names, else to those whom the profile does. */
function audienceFor(
  principal: Principal,
  visibility: Visibility | undefined,
  profile: Profile,
): Pick<NewUpload, "audience"> | { readonly refusal: Refusal } {
  const { organisationId, capability } = principal;
  const isOfOne = organisationId !== undefined && (!capability || maySendAsTheyLike(capability));
  const byProfile = (isOfOne ? profile.visibility : undefined) ?? "private";
  const chosen = chooseAudience(principal, visibility ?? byProfile);
  if ("refusal" in chosen) return chosen;
  return chosen.audience === "private" ? {} : { audience: chosen.audience };
}

/** What guests of one person's may send together: no more than that person has room for. */
const guestBoundsOf = (limits: Limits): NonNullable<CreateUploads["guests"]> => ({
  quotaBytes: limits.guestsQuotaBytes,
  quotaFiles: limits.guestsQuotaFiles,
  hostQuotaBytes: limits.quotaBytes,
});

/** The files that intents are to replace a version of, by id; no read where there are none. */
async function findReplaced(
  metadata: MetadataStore,
  intents: readonly FileIntent[],
): Promise<ReadonlyMap<string, FileRecord>> {
  const ids = new Set(intents.flatMap(({ replaces }) => replaces?.fileId ?? []));
  const files = ids.size === 0 ? [] : await metadata.findFiles([...ids]);
  return new Map(files.map((file) => [file.id, file]));
}

/** The albums to which intents are to be sent and to which the principal may add; no read where there are none. */
async function findAlbumsToFill(
  ports: Pick<ServicePorts, "metadata" | "clock">,
  principal: Principal,
  intents: readonly FileIntent[],
): Promise<ReadonlySet<string>> {
  const ids = [...new Set(intents.flatMap(({ albumId }) => albumId ?? []))];
  const seen = ids.length === 0 ? [] : await findVisibleAlbums(ports, principal, ids);
  return new Set([...seen].flatMap(([id, { can }]) => (can.includes("add") ? [id] : [])));
}

function decideAlbum(
  { capability }: Principal,
  albums: ReadonlySet<string>,
  { albumId, replaces }: FileIntent,
): Refusal | undefined {
  if (albumId === undefined)
    return capability && capability.kind !== "delegation"
      ? { code: "forbidden", member: "albumId", detail: "A guest sends to their album, and nowhere else." }
      : undefined;
  if (replaces)
    return {
      code: "validation-failed",
      member: "albumId",
      detail: "A version is where its file is: leave out albumId, or replaces.",
    };
  return albums.has(albumId) ? undefined : { ...notFound, member: "albumId" };
}

function answerFor(
  ports: Pick<ServicePorts, "objects" | "clock" | "limits">,
  principal: Principal,
  outcome: Exclude<CreateUploadOutcome, { outcome: "not-repeated" }>,
  sizeBytes: number,
): CreateAnswer {
  switch (outcome.outcome) {
    case "created":
      return presignUpload(ports, outcome.upload);
    case "existing":
      return isBeyond(principal, outcome.upload)
        ? { refusal: refReused(outcome.upload) }
        : presignUpload(ports, outcome.upload);
    case "ref-reused":
      return { refusal: refReused(outcome.upload) };
    case "delegation-ended":
      return { refusal: { code: "forbidden", detail: "The token was taken back, or has ended." } };
    case "album-missing":
      return { refusal: { ...notFound, member: "albumId" } };
    case "no-shots-left":
      return {
        refusal: {
          code: "no-shots-left",
          member: "albumId",
          detail: `Each member of this album has ${outcome.shotsPerMember} shots, and you have taken yours.`,
        },
      };
    case "quota-exceeded":
      return { refusal: quotaExceeded(ports.limits, principal, outcome, sizeBytes) };
    case "too-many-open-uploads":
      return {
        refusal: {
          code: "too-many-open-uploads",
          detail: `${outcome.openUploads} uploads are open, and ${ports.limits.openUploads} may be: complete or abort some first.`,
        },
      };
  }
}

/** Whether an upload is one of its owner's that their token may not send. */
const isBeyond = ({ capability }: Principal, upload: UploadRecord): boolean =>
  capability?.kind === "delegation" && !isWithinBounds(capability.bounds, upload);

const refReused = ({ id }: UploadRecord): Refusal => ({
  code: "ref-reused",
  member: "ref",
  detail: `This ref already names another upload (${id}): of other bytes, or in another version's place.`,
});

/** Says whose room it is, and how much of their own is left; of an organisation's that would tell what its other people send. */
function quotaExceeded(
  limits: Limits,
  principal: Principal,
  { quota, free }: Extract<CreateUploadOutcome, { outcome: "quota-exceeded" }>,
  sizeBytes: number,
): Refusal {
  const code = "quota-exceeded";
  const member = "sizeBytes";
  switch (quota) {
    case "bytes":
      return {
        code,
        member,
        detail: `The file has ${sizeBytes} bytes, and ${free} of your ${quotaBytesOf(limits, principal)} are free.`,
      };
    case "files":
      return {
        code,
        detail: `You may have ${limits.quotaFiles} files, and have as many, the trash and uploads under way included: delete for good what you need no more.`,
      };
    case "guests":
      return {
        code,
        detail:
          "There is no room for more from the guests of this album: whoever invited you can delete some, or take some out.",
      };
    case "delegation-bytes":
      return {
        code,
        member,
        detail: `The file has ${sizeBytes} bytes, and ${free} are left of what this token may send.`,
      };
    case "delegation-files":
      return { code, detail: "This token has sent as many files as it may." };
    case "organisation-bytes":
      return {
        code,
        member,
        detail: "Your organisation has not as much room left, the trash and uploads under way included.",
      };
    case "organisation-files":
      return {
        code,
        detail:
          "Your organisation has as many files as it may have, the trash and uploads under way included.",
      };
  }
}
