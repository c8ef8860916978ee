import type { Actor } from "../audit-event.ts";
import type { FileRecord } from "../file.ts";
import type { FileAccess } from "../policy/decide-file-access.ts";

/** That a file's owner shares it with one person. */
export interface GrantRecord {
  readonly fileId: string;
  /** Whoever has, or will ever have, that id: it is looked up nowhere. */
  readonly userId: string;
  /** When it was given, or given anew with another end. */
  readonly grantedAtMs: number;
  /** From when on it is good for nothing; absent: until it is taken back. */
  readonly endsAtMs?: number;
  /** The address that the invite was for by which they came to it, as the owner wrote it; absent: by no invite. */
  readonly invitedAs?: string;
}

/** That an operator gave themselves the right to see a file. Told to its owner for as long as it is kept. */
export interface GlassBreakRecord {
  readonly fileId: string;
  readonly userId: string;
  readonly atMs: number;
  readonly endsAtMs: number;
  /** In the operator's words. */
  readonly reason: string;
}

export type GrantOutcome =
  | { readonly outcome: "granted"; readonly grant: GrantRecord }
  /** It is so already: nothing was written. */
  | { readonly outcome: "unchanged"; readonly grant: GrantRecord }
  | { readonly outcome: "too-many" }
  | { readonly outcome: "not-ready"; readonly file: FileRecord }
  | { readonly outcome: "missing" };

/** Rows about who else may see a file. */
export interface SharingCommands {
  /**
   * What rows say of a principal and of files (at most 200), for `decideFileAccess`; one answer for each id, in any order, whether or not
   * there is such a file. Grants that have run out are among them.
   *
   * @param query.principalId of a person or a guest
   * @param query.albumId of which they have a capability: counts as one of theirs
   */
  findFileAccess(query: {
    readonly principalId: string;
    readonly albumId?: string;
    readonly fileIds: readonly string[];
  }): Promise<readonly ({ readonly fileId: string } & FileAccess)[]>;

  /**
   * Shares a ready file with a person, or gives their grant another end, or the same once more where an invite to the file is newer. Audit `file.granted`; its detail is
   * `{userId, endsAt?}`, `endsAt` in milliseconds since 1970.
   *
   * @param command.maxGrants that a file may have
   */
  grantFile(command: {
    readonly fileId: string;
    readonly userId: string;
    readonly actor: Actor;
    readonly endsAtMs?: number;
    readonly maxGrants: number;
  }): Promise<GrantOutcome>;
  /** Takes a grant back, whatever the file's state; true where there was one. Audit `file.revoked`, detail `{userId}`. */
  revokeGrant(command: {
    readonly fileId: string;
    readonly userId: string;
    readonly actor: Actor;
  }): Promise<boolean>;
  findGrant(of: Pick<GrantRecord, "fileId" | "userId">): Promise<GrantRecord | undefined>;
  /** Of one file, by the person's id, those that have run out and were not forgotten yet among them. */
  listGrants(list: {
    readonly fileId: string;
    /** The person of the last one of the page before. */
    readonly after?: string;
    /** 1 to 201. */
    readonly limit: number;
  }): Promise<readonly GrantRecord[]>;

  /**
   * Lets an operator see a ready file for a while. The revision stays: others who see the file are not told. Audit
   * `file.glass-broken` by the operator, detail `{endsAt}`.
   */
  breakGlass(command: {
    readonly fileId: string;
    readonly userId: string;
    readonly lifetimeMs: number;
    readonly reason: string;
  }): Promise<
    | { readonly outcome: "broken"; readonly glassBreak: GlassBreakRecord }
    /** There is no such file, or it is not ready: nothing was written. */
    | { readonly outcome: "missing" }
  >;
  /** Of at most 200 files, in any order. */
  listGlassBreaks(fileIds: readonly string[]): Promise<readonly GlassBreakRecord[]>;

  /**
   * For the sweeper: of at most `limit` files that their owners show to an organisation which they left before that time, and are not of
   * now, makes private ones. revision += 1. Audit `file.changed` of each, by the system. Answers how many; less than `limit` only where none
   * is left. Whatever the row says: who reads such a file reads that it has no audience, from the moment that its owner is of another.
   */
  withdrawAudiences(command: { readonly leftBeforeMs: number; readonly limit: number }): Promise<number>;

  /**
   * For the sweeper: deletes some of the grants that have run out (at most `limit`), and of the broken glass what ended before that
   * time; answers how many. No audit: when they would end is in the event that gave them.
   */
  forgetEndedGrants(command: {
    readonly glassEndedBeforeMs: number;
    readonly limit: number;
  }): Promise<number>;
}
