import type { Actor } from "../audit-event.ts";
import type { FileRecord } from "../file.ts";
import type { GrantRecord } from "./sharing-commands.ts";

/** That whoever turns out to have an e-mail address may take a right to a file. */
export interface FileInviteRecord {
  readonly id: string;
  readonly fileId: string;
  /** As its owner wrote it. */
  readonly email: string;
  /** By which it is found: `emailKey`. */
  readonly emailKey: string;
  readonly createdAtMs: number;
  /** Until when it can be accepted. */
  readonly expiresAtMs: number;
  /** When the right ends that it gives; absent: not by itself. */
  readonly grantEndsAtMs?: number;
}

/** An invite, and what it is to. */
export interface InviteToFile {
  readonly invite: FileInviteRecord;
  readonly file: Pick<FileRecord, "id" | "ownerId" | "name">;
}

/** Rows of invites to files, which are for an e-mail address, whoever has it. */
export interface InviteCommands {
  /**
   * Invites an address to a ready file; one that is invited already gets a new end, and keeps its invite. Audit `file.invited`, of the
   * file; detail `{inviteId}`: an address is in no event.
   *
   * @param command.maxInvites that a file may have
   */
  inviteToFile(command: {
    readonly newId: string;
    readonly fileId: string;
    readonly email: string;
    readonly emailKey: string;
    readonly actor: Actor;
    readonly lifetimeMs: number;
    readonly grantEndsAtMs?: number;
    readonly maxInvites: number;
  }): Promise<
    | { readonly outcome: "invited"; readonly invite: FileInviteRecord }
    | { readonly outcome: "too-many" }
    | { readonly outcome: "not-ready"; readonly file: FileRecord }
    | { readonly outcome: "missing" }
  >;
  /** Of a file, by id, those whose time is up and were not forgotten yet among them. */
  listFileInvites(list: {
    readonly fileId: string;
    /** The id of the last one of the page before. */
    readonly after?: string;
    /** 1 to 201. */
    readonly limit: number;
  }): Promise<readonly FileInviteRecord[]>;
  /** Takes an invite to a file back; true where there was one. Audit `file.invite-withdrawn`, detail `{inviteId}`. */
  withdrawFileInvite(command: {
    readonly fileId: string;
    readonly inviteId: string;
    readonly actor: Actor;
  }): Promise<boolean>;
  /** Those for an address that can be accepted now, to files that are ready, by id. */
  listInvitesFor(list: {
    readonly emailKey: string;
    readonly after?: string;
    /** 1 to 201. */
    readonly limit: number;
  }): Promise<readonly InviteToFile[]>;
  /**
   * Makes a grant of an invite for that address, which is none any more; where they have one, it gets the invite's end, unless it was
   * given, or given that end, after the invite was made: then it stays. What was taken back or has run out since then comes back by no invite of before. Audit
   * `file.granted`, by the one who accepts, with the same detail as `grantFile`, and `inviteId`.
   */
  acceptInvite(command: {
    readonly inviteId: string;
    readonly emailKey: string;
    readonly userId: string;
    readonly maxGrants: number;
  }): Promise<
    | { readonly outcome: "accepted"; readonly grant: GrantRecord }
    | { readonly outcome: "too-many" }
    /** There is none for that address that can be accepted, or its file is not ready, or their own. */
    | { readonly outcome: "missing" }
  >;
  /** Deletes an invite for that address; true where there was one. Audit `file.invite-declined`, of the file, detail `{inviteId}`. */
  declineInvite(command: {
    readonly inviteId: string;
    readonly emailKey: string;
    readonly actor: Actor;
  }): Promise<boolean>;
  /** For the sweeper: deletes some whose time is up, and what was kept for invites that are all gone, at most `limit`; answers how many. No audit. */
  forgetEndedInvites(limit: number): Promise<number>;
}
