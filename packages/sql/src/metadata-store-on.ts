import type { Clock, MetadataStore } from "@stowage/core";
import {
  findAlbumFile,
  findAlbumInvite,
  findAlbums,
  listAlbumInvites,
  listAlbumMembers,
  listAlbums,
  listDueAlbums,
  listUnsealingAlbums,
} from "./album-reads.ts";
import {
  deleteAccount,
  eraseUploads,
  findTokensValidFrom,
  forgetAccount,
  forgetIssuerAccount,
  listDeletedAccounts,
  listSealedFiles,
  listSignedOut,
  signOutEverywhere,
} from "./commands/accounts.ts";
import {
  emptyDeletedAlbums,
  listAlbumCounts,
  recountAlbum,
  removeAlbumFile,
  unsealFiles,
} from "./commands/album-files.ts";
import {
  acceptAlbumInvite,
  createAlbumInvite,
  removeAlbumMember,
  revokeAlbumInvite,
  setAlbumMember,
} from "./commands/album-members.ts";
import { changeAlbum, createAlbum, deleteAlbum, revealAlbum } from "./commands/albums.ts";
import {
  askArchive,
  beginArchivePart,
  claimArchive,
  endArchives,
  findArchive,
  finishArchive,
  listDoubtedArchives,
  listReadyArchives,
  outdateArchive,
  releaseArchive,
  renewArchive,
  settleArchive,
} from "./commands/archives.ts";
import {
  addAuditEvents,
  countUnchainedAuditEvents,
  findAuditExtent,
  holdsSequencerLease,
  leaseSequencer,
  linkAuditEvents,
  listAuditChainHeads,
  listAuditEvents,
  listAuditEventsBack,
  readUnchainedAuditEvents,
} from "./commands/audit-events.ts";
import {
  findCapability,
  forgetEndedCapabilities,
  mintCapability,
  revokeCapabilities,
} from "./commands/capabilities.ts";
import { changeFile, purgeFile, restoreFile, trashFile } from "./commands/change-files.ts";
import { changeProfile } from "./commands/change-profile.ts";
import { purgeVersion, restoreVersion } from "./commands/change-versions.ts";
import { claimUpload, finishUpload, releaseClaim, renewClaim } from "./commands/claimed-uploads.ts";
import { type CommandContext, readFile, readUpload } from "./commands/context.ts";
import { createUploads } from "./commands/create-uploads.ts";
import {
  forgetEndedDelegations,
  listDelegations,
  mintDelegation,
  revokeDelegation,
  revokeDelegations,
} from "./commands/delegations.ts";
import { ensurePrincipal, findCurrentPrincipal } from "./commands/ensure-principal.ts";
import {
  acceptInvite,
  declineInvite,
  forgetEndedInvites,
  inviteToFile,
  listFileInvites,
  listInvitesFor,
  withdrawFileInvite,
} from "./commands/file-invites.ts";
import {
  breakGlass,
  findGrant,
  forgetEndedGrants,
  grantFile,
  listGlassBreaks,
  listGrants,
  revokeGrant,
  revokeGrantsTo,
} from "./commands/grants.ts";
import { listEndedGuests, listHomelessFiles, settleGuest } from "./commands/guests.ts";
import { findRepeat, forgetIdempotencyKeys } from "./commands/idempotency-keys.ts";
import {
  countWrongPassphrase,
  createLink,
  findLinkToOpen,
  forgetEndedLinks,
  listLinks,
  openLink,
  revokeLink,
} from "./commands/links.ts";
import {
  askDerivatives,
  claimDerivative,
  countWaitingDerivatives,
  finishDerivative,
  forgetFailedDerivatives,
  releaseDerivative,
  renewDerivative,
} from "./commands/make-derivatives.ts";
import { mergeGuest } from "./commands/merge-guest.ts";
import {
  beginMultipart,
  forgetMultipart,
  listDeclaredParts,
  mintParts,
  turnMultipart,
} from "./commands/multipart-uploads.ts";
import { findOrganisation, listOrganisationCounters, recountOrganisation } from "./commands/organisations.ts";
import { abortUpload, completeUpload, releaseReservation, remintUpload } from "./commands/pending-uploads.ts";
import { listQuarantinedFiles, quarantineFile, releaseFile } from "./commands/quarantine-files.ts";
import { listIndexedFiles, reindexFile } from "./commands/reindex-file.ts";
import { withdrawAudiences } from "./commands/withdraw-audiences.ts";
import { countOpenUploads } from "./count-open-uploads.ts";
import { findFileAccess } from "./find-file-access.ts";
import { findKnownKeys, findKnownMultiparts } from "./find-known-keys.ts";
import { createGroupCommit } from "./group-commit.ts";
import { listFiles } from "./list-files.ts";
import { listPeople } from "./list-people.ts";
import { listRevealedFiles } from "./list-revealed-files.ts";
import { readRetrying } from "./read-retry.ts";
import {
  findFiles,
  findFileVersions,
  findPrincipal,
  findUploads,
  findUploadsByLandingKeys,
  listFileVersions,
  listUploadEvents,
  listUploads,
} from "./reads.ts";
import { listCounters, listVersions, recountPrincipal } from "./reconciling.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import {
  forgetDoomedObjects,
  listDoomedObjects,
  listExpiredUploads,
  listHeldReservations,
  listTrash,
  listUnclosedUploads,
  listUnprobedUploads,
  markProbed,
} from "./sweeper-lists.ts";

/** The port's commands on a connection whose schema is up to date. */
export function metadataStoreOn(
  connection: SqliteConnection,
  clock: Clock,
  busyTimeoutMs: number,
  identityKey: Uint8Array,
  onLocked?: () => void,
): MetadataStore & { close(): Promise<void> } {
  const context: CommandContext = { connection, clock, identityKey };
  const { write, drain } = createGroupCommit(connection, busyTimeoutMs, onLocked);
  const inWrite =
    <Command, Result>(run: (context: CommandContext, command: Command) => Result) =>
    (command: Command): Promise<Result> =>
      write(() => run(context, command));
  const inRead =
    <Query, Result>(run: (context: CommandContext, query: Query) => Result) =>
    (query: Query): Promise<Result> =>
      readRetrying(() => run(context, query), busyTimeoutMs);
  const findCurrent = inRead(findCurrentPrincipal);
  const ensure = inWrite(ensurePrincipal);
  const holdsLease = inRead(holdsSequencerLease);
  const lease = inWrite(leaseSequencer);
  const readUnchained = inRead(readUnchainedAuditEvents);
  return {
    ensurePrincipal: async (identity) => (await findCurrent(identity)) ?? ensure(identity),
    findPrincipal: inRead(findPrincipal),
    createUploads: inWrite(createUploads),
    remintUpload: inWrite(remintUpload),
    turnMultipart: inWrite(turnMultipart),
    beginMultipart: inWrite(beginMultipart),
    forgetMultipart: inWrite(forgetMultipart),
    mintParts: inWrite(mintParts),
    listDeclaredParts: inRead(listDeclaredParts),
    completeUpload: inWrite(completeUpload),
    abortUpload: inWrite(abortUpload),
    releaseReservation: inWrite(releaseReservation),
    claimUpload: inWrite(claimUpload),
    renewClaim: inWrite(renewClaim),
    releaseClaim: inWrite(releaseClaim),
    finishUpload: inWrite(finishUpload),
    askDerivatives: inWrite(askDerivatives),
    claimDerivative: inWrite(claimDerivative),
    renewDerivative: inWrite(renewDerivative),
    releaseDerivative: inWrite(releaseDerivative),
    finishDerivative: inWrite(finishDerivative),
    forgetFailedDerivatives: inWrite(forgetFailedDerivatives),
    countWaitingDerivatives: inRead(countWaitingDerivatives),
    mintCapability: inWrite(mintCapability),
    findCapability: inRead(findCapability),
    revokeCapabilities: inWrite(revokeCapabilities),
    forgetEndedCapabilities: inWrite(forgetEndedCapabilities),
    mintDelegation: inWrite(mintDelegation),
    listDelegations: inRead(listDelegations),
    revokeDelegation: inWrite(revokeDelegation),
    revokeDelegations: inWrite(revokeDelegations),
    forgetEndedDelegations: inWrite(forgetEndedDelegations),
    createLink: inWrite(createLink),
    listLinks: inRead(listLinks),
    revokeLink: inWrite(revokeLink),
    findLinkToOpen: inRead(findLinkToOpen),
    openLink: inWrite(openLink),
    countWrongPassphrase: inWrite(countWrongPassphrase),
    forgetEndedLinks: inWrite(forgetEndedLinks),
    findRepeat: inRead((at, { principalId, ...request }) => findRepeat(at, principalId, request)),
    forgetIdempotencyKeys: inWrite(forgetIdempotencyKeys),
    findFileAccess: inRead(findFileAccess),
    grantFile: inWrite(grantFile),
    revokeGrant: inWrite(revokeGrant),
    findGrant: inRead(findGrant),
    listGrants: inRead(listGrants),
    breakGlass: inWrite(breakGlass),
    listGlassBreaks: inRead(listGlassBreaks),
    forgetEndedGrants: inWrite(forgetEndedGrants),
    withdrawAudiences: inWrite(withdrawAudiences),
    inviteToFile: inWrite(inviteToFile),
    listFileInvites: inRead(listFileInvites),
    withdrawFileInvite: inWrite(withdrawFileInvite),
    listInvitesFor: inRead(listInvitesFor),
    acceptInvite: inWrite(acceptInvite),
    declineInvite: inWrite(declineInvite),
    forgetEndedInvites: inWrite(forgetEndedInvites),
    listPeople: inRead(listPeople),
    findUpload: inRead(readUpload),
    findUploads: inRead(findUploads),
    findUploadsByLandingKeys: inRead(findUploadsByLandingKeys),
    listUploadEvents: inRead(listUploadEvents),
    listUploads: inRead(listUploads),
    findFile: inRead(readFile),
    findFiles: inRead(findFiles),
    listFiles: inRead(listFiles),
    listRevealedFiles: inRead(listRevealedFiles),
    listFileVersions: inRead(listFileVersions),
    findFileVersions: inRead(findFileVersions),
    changeFile: inWrite(changeFile),
    trashFile: inWrite(trashFile),
    restoreFile: inWrite(restoreFile),
    restoreVersion: inWrite(restoreVersion),
    purgeVersion: inWrite(purgeVersion),
    purgeFile: inWrite(purgeFile),
    quarantineFile: inWrite(quarantineFile),
    releaseFile: inWrite(releaseFile),
    listQuarantinedFiles: inRead(listQuarantinedFiles),
    listExpiredUploads: inRead(listExpiredUploads),
    listUnprobedUploads: inRead(listUnprobedUploads),
    markProbed: inWrite(markProbed),
    listHeldReservations: inRead(listHeldReservations),
    listUnclosedUploads: inRead(listUnclosedUploads),
    listTrash: inRead(listTrash),
    listDoomedObjects: inRead(listDoomedObjects),
    forgetDoomedObjects: inWrite(forgetDoomedObjects),
    findKnownKeys: inRead(findKnownKeys),
    listVersions: inRead(listVersions),
    listCounters: inRead(listCounters),
    recountPrincipal: inWrite(recountPrincipal),
    findOrganisation: inRead(findOrganisation),
    listOrganisationCounters: inRead(listOrganisationCounters),
    recountOrganisation: inWrite(recountOrganisation),
    listIndexedFiles: inRead(listIndexedFiles),
    reindexFile: inWrite(reindexFile),
    findKnownMultiparts: inRead(findKnownMultiparts),
    askArchive: inWrite(askArchive),
    claimArchive: inWrite(claimArchive),
    renewArchive: inWrite(renewArchive),
    beginArchivePart: inWrite(beginArchivePart),
    releaseArchive: inWrite(releaseArchive),
    finishArchive: inWrite(finishArchive),
    outdateArchive: inWrite(outdateArchive),
    listReadyArchives: inRead(listReadyArchives),
    listDoubtedArchives: inRead(listDoubtedArchives),
    settleArchive: inWrite(settleArchive),
    findArchive: inRead(findArchive),
    endArchives: inWrite(endArchives),
    changeProfile: inWrite(changeProfile),
    signOutEverywhere: inWrite(signOutEverywhere),
    listSignedOut: inRead(listSignedOut),
    deleteAccount: inWrite(deleteAccount),
    listDeletedAccounts: inRead(listDeletedAccounts),
    listSealedFiles: inRead(listSealedFiles),
    eraseUploads: inWrite(eraseUploads),
    forgetAccount: inWrite(forgetAccount),
    forgetIssuerAccount: inWrite(forgetIssuerAccount),
    revokeGrantsTo: inWrite(revokeGrantsTo),
    findTokensValidFrom: inRead(findTokensValidFrom),
    createAlbum: inWrite(createAlbum),
    findAlbums: inRead(findAlbums),
    listAlbums: inRead(listAlbums),
    changeAlbum: inWrite(changeAlbum),
    deleteAlbum: inWrite(deleteAlbum),
    emptyDeletedAlbums: inWrite(emptyDeletedAlbums),
    revealAlbum: inWrite(revealAlbum),
    unsealFiles: inWrite(unsealFiles),
    listDueAlbums: inRead(listDueAlbums),
    listUnsealingAlbums: inRead(listUnsealingAlbums),
    listAlbumMembers: inRead(listAlbumMembers),
    setAlbumMember: inWrite(setAlbumMember),
    removeAlbumMember: inWrite(removeAlbumMember),
    createAlbumInvite: inWrite(createAlbumInvite),
    listAlbumInvites: inRead(listAlbumInvites),
    findAlbumInvite: inRead(findAlbumInvite),
    revokeAlbumInvite: inWrite(revokeAlbumInvite),
    acceptAlbumInvite: inWrite(acceptAlbumInvite),
    findAlbumFile: inRead(findAlbumFile),
    removeAlbumFile: inWrite(removeAlbumFile),
    listAlbumCounts: inRead(listAlbumCounts),
    recountAlbum: inWrite(recountAlbum),
    listEndedGuests: inRead(listEndedGuests),
    listHomelessFiles: inRead(listHomelessFiles),
    settleGuest: inWrite(settleGuest),
    mergeGuest: inWrite(mergeGuest),
    addAuditEvents: inWrite(addAuditEvents),
    listAuditEvents: inRead(listAuditEvents),
    listAuditEventsBack: inRead(listAuditEventsBack),
    countUnchainedAuditEvents: inRead(countUnchainedAuditEvents),
    takeUnchainedAuditEvents: async (command) => {
      const leased = (await holdsLease(command)) ? "leased" : await lease(command);
      return leased === "leased" ? readUnchained(command) : { outcome: leased };
    },
    linkAuditEvents: inWrite(linkAuditEvents),
    listAuditChainHeads: () => inRead(listAuditChainHeads)(undefined),
    findAuditExtent: () => inRead(findAuditExtent)(undefined),
    countOpenUploads: inRead(countOpenUploads),
    checkHealth: () =>
      write(() => {
        connection.run("INSERT OR REPLACE INTO health (id, checked_at) VALUES (1, ?)", clock.nowMs());
      }),
    close: async () => {
      await drain();
      connection.close();
    },
  };
}
