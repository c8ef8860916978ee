import type { FileRecord } from "../file.ts";
import type { CreateUploads } from "./upload-commands.ts";

/** A guest of whom something may be left that is nobody's. */
export interface EndedGuest {
  readonly guestId: string;
  /** Whether they may still do something: then nothing of theirs is touched. */
  readonly hasRight: boolean;
}

/** What becomes of people who came by an invite without an account, and of what they sent. */
export interface GuestCommands {
  /**
   * Guests whose right was taken back or has been forgotten, whose album is gone, or one of whose files was taken out of it or deleted, until
   * {@link settleGuest} was said of them; by id.
   */
  listEndedGuests(list: { readonly after?: string; readonly limit: number }): Promise<readonly EndedGuest[]>;
  /** A guest's files that are in no album that there is, whatever their state. */
  listHomelessFiles(query: {
    readonly guestId: string;
    readonly limit: number;
  }): Promise<readonly FileRecord[]>;
  /**
   * Where a guest has no right any more, no file, and no upload or reservation that is open, their row and their membership are deleted:
   * `forgotten`. Audit `guest.forgotten`, by the system. Where they have files in an album, or a right, they are `kept`, and looked at again when
   * that changes. `busy`: an upload of theirs has not ended.
   */
  settleGuest(guestId: string): Promise<"forgotten" | "kept" | "busy" | "missing">;
  /**
   * A person takes over what a guest has: files and uploads of whatever state, membership (a member's own role stays) and shots used. The guest
   * ends, and with them their right. Each file's revision += 1. Only where the person's quotas have room. Audit `guest.merged`, of the guest, by the person.
   */
  mergeGuest(command: MergeGuest): Promise<
    | { readonly outcome: "merged"; readonly albumId: string }
    /** The same person did so before: nothing was written. */
    | { readonly outcome: "already"; readonly albumId: string }
    | { readonly outcome: "quota-exceeded" }
    /** Another took the person out of the album, and nobody let them in again: nothing was written. */
    | { readonly outcome: "put-out" }
    /** No such right, or none any more, or no such person. */
    | { readonly outcome: "missing" }
  >;
}

/** The bounds are the person's, as for a create. */
export interface MergeGuest
  extends Pick<
    CreateUploads,
    "quotaBytes" | "quotaFiles" | "organisationQuotaBytes" | "organisationQuotaFiles"
  > {
  /** The guest's. */
  readonly rightId: string;
  readonly userId: string;
}
