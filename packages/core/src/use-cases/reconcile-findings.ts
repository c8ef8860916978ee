import type { Counters } from "../ports/organisation-commands.ts";

/** The object of a version, or of one of its derivatives. Ids and keys are opaque: no names. */
export interface ObjectOfVersion {
  readonly fileId: string;
  readonly version: number;
  readonly ownerId: string;
  readonly key: string;
  /** The derivative's name; absent for the version itself. */
  readonly derivative?: string;
}

/** Something about rows and objects that is not as it should be. */
export type Finding =
  /** An object that no row speaks of. */
  | {
      readonly kind: "orphan";
      readonly key: string;
      readonly sizeBytes: number;
      readonly lastModifiedMs: number;
      readonly mended: boolean;
    }
  /** A multipart upload in the store that no row speaks of; with its parts it takes room. */
  | {
      readonly kind: "orphan-multipart";
      readonly key: string;
      readonly storeUploadId: string;
      readonly initiatedAtMs: number;
      readonly mended: boolean;
    }
  /** A row whose object is not there. */
  | (ObjectOfVersion & { readonly kind: "missing"; readonly mended: false })
  /** The object is longer or shorter than its row says. */
  | (ObjectOfVersion & {
      readonly kind: "size-differs";
      readonly recordedSizeBytes: number;
      readonly storedSizeBytes: number;
      readonly mended: false;
    })
  /** The store answers, and lists it, but can't give the object out whole. */
  | (ObjectOfVersion & { readonly kind: "unreadable"; readonly mended: false })
  /** The store gives out other bytes than those that were verified. */
  | (ObjectOfVersion & {
      readonly kind: "digest-differs";
      readonly recordedSha256: string;
      readonly storedSha256: string;
      readonly mended: false;
    })
  /** A person's counters are not what their rows add up to. */
  | {
      readonly kind: "counters-differ";
      readonly principalId: string;
      readonly recorded: Counters;
      readonly counted: Counters;
      readonly mended: boolean;
    }
  /** An organisation's counters are not the sums of its people's. */
  | {
      readonly kind: "organisation-counters-differ";
      readonly organisationId: string;
      readonly recorded: Counters;
      readonly counted: Counters;
      readonly mended: boolean;
    }
  /** A file is not listed where its row says, or shown otherwise. */
  | {
      readonly kind: "lists-differ";
      readonly fileId: string;
      readonly ownerId: string;
      readonly mended: boolean;
    }
  /** An album counts otherwise than what is in it. */
  | {
      readonly kind: "album-count-differs";
      readonly albumId: string;
      readonly recorded: number;
      readonly counted: number;
      readonly mended: boolean;
    }
  /** Objects that should have been deleted more than an hour ago. */
  | {
      readonly kind: "overdue";
      /** 1000: that many or more. */
      readonly objects: number;
      readonly oldestDueMs: number;
      readonly mended: boolean;
    };

export type FindingKind = Finding["kind"];

/** What a pass that is no dry run sees to by itself. */
const mendable: ReadonlySet<FindingKind> = new Set([
  "orphan",
  "orphan-multipart",
  "overdue",
  "counters-differ",
  "organisation-counters-differ",
  "lists-differ",
  "album-count-differs",
]);

/** Whether someone has to do something about it. */
export const isFault = ({ kind }: Finding): boolean => !mendable.has(kind);
