import type { Counters, FileState, UploadState, VersionOfFile } from "@stowage/core";
import { type Content, digestOf } from "./content.testing.ts";

/** A call that changed something (or was refused), as it was seen: the model takes names from it, no more. */
export interface SeenCall {
  readonly command: unknown;
  readonly answer: unknown;
  /** It was done, and the caller was told that it failed. */
  readonly isLost: boolean;
}

/** What a call that fails throws: in the model, as its port's error in the services. */
export class PortFailedError extends Error {
  override readonly name = "PortFailedError";
  readonly isOfStore: boolean;
  constructor(call: string) {
    super(call);
    this.isOfStore = call.startsWith("objects.");
  }
}

/**
 * What a use case will do, said before it does: yields the name of each call that may change something, and is told
 * when that has happened; between two of them nobody else does anything, unless the process sleeps at the second.
 */
export type Prediction<Outcome> = Generator<string, Outcome, SeenCall>;

/** Between what a call of the store's does and what its caller does then, much may happen. */
export const answered = "answered";

/**
 * A call of the store's: what it does there, even where its answer is lost.
 *
 * @throws PortFailedError
 */
export function* storeCall(name: string, change: (seen: SeenCall) => void): Prediction<void> {
  const call = `objects.${name}`;
  const seen = yield call;
  change(seen);
  yield answered;
  if (seen.isLost) throw new PortFailedError(call);
}

export interface ModelParts {
  readonly partSizeBytes: number;
  storeUploadId: string | undefined;
  /** What was last declared of each part, by number. */
  readonly declared: Map<number, string>;
}

export interface ModelUpload {
  readonly id: string;
  /** Its own, until it is a version of the file that it replaced. */
  fileId: string;
  readonly owner: 0 | 1;
  readonly ref: string | undefined;
  readonly replaces: VersionOfFile | undefined;
  /** What the client has, and announced. */
  readonly content: Content;
  readonly storagePrefix: string;
  landingKey: string;
  state: UploadState;
  sha256: string | undefined;
  parts: ModelParts | undefined;
  wasTurned: boolean;
  isReserved: boolean;
  isClaimed: boolean;
  attempt: number;
  failedAttempts: number;
  lostClaims: number;
  expiresAtMs: number;
  urlsUntilMs: number;
  probedAtMs: number;
  claimableAtMs: number;
  turn: number;
  rejection: string | undefined;
  /** What became of what was to replace, in its timeline's words. */
  placed: string | undefined;
  /** A client was told that its bytes are there. */
  isAcknowledged: boolean;
}

export interface ModelVersion {
  readonly number: number;
  readonly upload: ModelUpload;
  readonly createdAtMs: number;
  readonly content: Content;
  readonly key: string;
  derivatives: readonly { readonly name: string; readonly key: string }[];
  isConflict: boolean;
}

/** A derivative that is asked for, or could not be made. */
export interface ModelMake {
  readonly fileId: string;
  readonly owner: 0 | 1;
  readonly version: ModelVersion;
  state: "waiting" | "failed";
  attempt: number;
  failedAttempts: number;
  claimableAtMs: number;
  turn: number;
  isHeld: boolean;
  /** Of the newest attempt, until it has ended. */
  key: string | undefined;
}

export interface ModelFile {
  readonly id: string;
  readonly owner: 0 | 1;
  readonly createdAtMs: number;
  /** Those that were not deleted. */
  versions: ModelVersion[];
  current: ModelVersion;
  latestVersion: number;
  state: FileState;
  name: string;
  revision: number;
  trashedAtMs: number | undefined;
  /** Where it is quarantined: what it was before. */
  quarantinedFrom: "ready" | "trashed" | undefined;
}

/** What is under a key. */
export interface ModelObject {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly bornMs: number;
  /** Where it is a client's. */
  readonly content?: Content;
}

export interface ModelMultipart {
  readonly key: string;
  readonly bornMs: number;
  readonly parts: Map<number, { readonly sizeBytes: number; readonly sha256: string; readonly turn: number }>;
}

/** A request that a client was given, and may send as often as it likes. */
export interface ModelRequest {
  readonly upload: ModelUpload;
  readonly key: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly signedAtMs: number;
  readonly part?: { readonly storeUploadId: string; readonly partNumber: number; readonly isOther: boolean };
}

export interface ModelLimits {
  readonly quotaBytes: number;
  readonly openUploads: number;
}

export const uploadLifetimeMs = 7 * 24 * 3600_000;
export const urlLifetimeMs = 600_000;
export const leaseMs = 60_000;

/** Doubled for each worker beyond two that was lost over it, to sixteen times at most and 15 minutes. */
const leaseFor = ({ lostClaims }: ModelUpload): number =>
  Math.min(15 * 60_000, leaseMs * ([1, 1, 1, 2, 4, 8][lostClaims] ?? 16));
export const minuteMs = 60_000;
/** A worker that lost its claim may write for so long still. */
export const lateWriterMs = 5 * minuteMs;
export const dayMs = 24 * 3600_000;
export const MiB = 1024 * 1024;

const openStates: ReadonlySet<string> = new Set(["pending", "uploaded", "verifying"]);
export const isOpen = ({ state }: ModelUpload): boolean => openStates.has(state);

export const keysOfVersion = ({ key, derivatives }: Pick<ModelVersion, "key" | "derivatives">): string[] => [
  key,
  ...derivatives.map((derivative) => derivative.key),
];

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

/**
 * Rows and objects as they must be, as plain data, said as simply as can be: counters are sums, lists are filters. Its
 * methods are what one atomic call does; the `predict-` files say which calls a use case makes.
 */
export class LifecycleModel {
  readonly people: readonly string[];
  readonly limits: readonly [ModelLimits, ModelLimits];
  readonly uploads: ModelUpload[] = [];
  readonly files: ModelFile[] = [];
  readonly objects = new Map<string, ModelObject>();
  readonly multiparts = new Map<string, ModelMultipart>();
  /** Key → from when on it may be deleted. */
  readonly doomed = new Map<string, number>();
  readonly makes: ModelMake[] = [];
  readonly requests: ModelRequest[] = [];
  /** What the next audit events must be: `actor action target`. */
  readonly audit: string[] = [];
  /** Files that were deleted for good, and the highest number that a version of each had. */
  readonly purged = new Map<string, number>();
  partsReceived = 0;
  nowMs: number;
  databaseAheadMs = 0;
  /** The highest turn of what was claimed. */
  claimedTurn = 0;
  claimedTurnOfMakes = 0;
  storeAheadMs = 0;

  constructor(people: readonly string[], limits: readonly [ModelLimits, ModelLimits], nowMs: number) {
    this.people = people;
    this.limits = limits;
    this.nowMs = nowMs;
  }

  get databaseMs(): number {
    return this.nowMs + this.databaseAheadMs;
  }

  get storeMs(): number {
    return this.nowMs + this.storeAheadMs;
  }

  counters(owner: 0 | 1): Counters {
    const own = this.uploads.filter((upload) => upload.owner === owner);
    const files = this.files.filter((file) => file.owner === owner);
    return {
      usedBytes: sum(files.flatMap(({ versions }) => versions.map(({ content }) => content.sizeBytes))),
      reservedBytes: sum(own.filter(({ isReserved }) => isReserved).map(({ content }) => content.sizeBytes)),
      usedFiles: files.length,
      openUploads: own.filter(isOpen).length,
    };
  }

  freeBytes(owner: 0 | 1): number {
    const { usedBytes, reservedBytes } = this.counters(owner);
    return this.limits[owner].quotaBytes - usedBytes - reservedBytes;
  }

  note(actor: string, action: string, target: string): void {
    this.audit.push(`${actor} ${action} ${target}`);
  }

  ownerOf({ owner }: { readonly owner: 0 | 1 }): string {
    return this.people[owner] ?? "nobody";
  }

  doom(key: string, notBeforeMs: number): void {
    this.doomed.set(key, Math.max(notBeforeMs, this.doomed.get(key) ?? 0));
  }

  /** What a version that is deleted leaves to be deleted. */
  doomVersions(versions: readonly ModelVersion[]): void {
    for (const key of versions.flatMap(keysOfVersion)) this.doom(key, this.databaseMs);
    for (const make of this.makes.filter(({ version }) => versions.includes(version))) this.dropMake(make);
  }

  /** What an attempt that is lost was to write. */
  forgetMakeKey(make: ModelMake): void {
    if (make.key !== undefined) this.doom(make.key, this.databaseMs + lateWriterMs);
    make.key = undefined;
  }

  dropMake(make: ModelMake): void {
    this.forgetMakeKey(make);
    this.makes.splice(this.makes.indexOf(make), 1);
  }

  dueKeys(): string[] {
    return [...this.doomed]
      .filter(([, notBeforeMs]) => notBeforeMs <= this.databaseMs)
      .sort(([one, oneMs], [other, otherMs]) => oneMs - otherMs || (one < other ? -1 : 1))
      .map(([key]) => key);
  }

  /** The lives of what is minted now; whether that changed anything. */
  extend(upload: ModelUpload, urlsMs: number = urlLifetimeMs): boolean {
    const before = `${upload.expiresAtMs} ${upload.urlsUntilMs}`;
    upload.expiresAtMs = this.databaseMs + uploadLifetimeMs;
    upload.urlsUntilMs = Math.max(upload.urlsUntilMs, this.databaseMs + urlsMs);
    return before !== `${upload.expiresAtMs} ${upload.urlsUntilMs}`;
  }

  claimable(): ModelUpload | undefined {
    return this.uploads
      .filter(({ state }) => state === "uploaded" || state === "verifying")
      .filter(({ claimableAtMs }) => claimableAtMs <= this.databaseMs)
      .sort(
        (one, other) =>
          one.turn - other.turn || one.claimableAtMs - other.claimableAtMs || (one.id < other.id ? -1 : 1),
      )[0];
  }

  /** After what was claimed, and after what waits of the same owner's. */
  nextTurn(owner: 0 | 1): number {
    const waiting = this.uploads.filter(
      (each) => each.owner === owner && (each.state === "uploaded" || each.state === "verifying"),
    );
    return 1 + Math.max(this.claimedTurn, ...waiting.map(({ turn }) => turn));
  }

  claim(): ModelUpload | undefined {
    const upload = this.claimable();
    if (!upload) return undefined;
    upload.state = "verifying";
    this.claimedTurn = Math.max(this.claimedTurn, upload.turn);
    upload.attempt += 1;
    if (upload.isClaimed) upload.lostClaims += 1;
    else upload.failedAttempts += 1;
    upload.isClaimed = true;
    upload.claimableAtMs = this.databaseMs + leaseFor(upload);
    this.note("system", "upload.claimed", upload.id);
    return upload;
  }

  holds(upload: ModelUpload, attempt: number): boolean {
    return upload.state === "verifying" && upload.isClaimed && upload.attempt === attempt;
  }

  renew(upload: ModelUpload, attempt: number): boolean {
    if (!this.holds(upload, attempt)) return false;
    upload.claimableAtMs = this.databaseMs + leaseFor(upload);
    return true;
  }

  postpone(upload: ModelUpload, attempt: number, retryInMs: number, isConsumed: boolean): boolean {
    if (!this.holds(upload, attempt)) return false;
    upload.isClaimed = false;
    upload.claimableAtMs = this.databaseMs + retryInMs;
    if (!isConsumed) {
      upload.failedAttempts -= 1;
      upload.turn = this.nextTurn(upload.owner);
    }
    this.note("system", "upload.postponed", upload.id);
    return true;
  }

  abort(upload: ModelUpload, actor: string): void {
    upload.state = "aborted";
    upload.parts?.declared.clear();
    this.doom(upload.landingKey, upload.urlsUntilMs + minuteMs);
    this.note(actor, "upload.aborted", upload.id);
  }

  /** What the store answers to a client that sends these bytes, and what it then has. */
  receive(request: ModelRequest, bytes: { readonly sizeBytes: number; readonly sha256: string }): number {
    if (this.storeMs >= request.signedAtMs + urlLifetimeMs) return 403;
    if (bytes.sizeBytes !== request.sizeBytes) return 403;
    if (!request.part) {
      if (this.objects.has(request.key)) return 412;
      if (bytes.sha256 !== request.sha256) return 400;
      const isWhole = bytes.sha256 === digestOf(request.upload.content);
      this.objects.set(request.key, {
        ...bytes,
        bornMs: this.storeMs,
        ...(isWhole ? { content: request.upload.content } : {}),
      });
      return 200;
    }
    const multipart = this.multiparts.get(request.part.storeUploadId);
    if (!multipart) return 404;
    if (bytes.sha256 !== request.sha256) return 400;
    this.partsReceived += 1;
    multipart.parts.set(request.part.partNumber, { ...bytes, turn: this.partsReceived });
    return 200;
  }

  /** Whether a store that lets a second PUT in would let it in here. */
  canSwap({ part, key, signedAtMs }: ModelRequest): boolean {
    return !part && this.objects.has(key) && this.storeMs < signedAtMs + urlLifetimeMs;
  }

  /** What an object that no row speaks of is not (MetadataStore.findKnownKeys). */
  isKnown(key: string): boolean {
    if (this.doomed.has(key)) return true;
    if (this.uploads.some((upload) => isOpen(upload) && upload.landingKey === key)) return true;
    if (this.uploads.some((upload) => isOpen(upload) && key.startsWith(`${upload.storagePrefix}/`)))
      return true;
    if (this.makes.some((make) => make.key === key)) return true;
    return this.keysOfFiles().includes(key);
  }

  isOfRevision(fileId: string, revision: number): boolean {
    return this.files.some((file) => file.id === fileId && file.revision === revision);
  }

  hasVersionOf(upload: ModelUpload): boolean {
    return this.files.some(({ versions }) => versions.some((version) => version.upload === upload));
  }

  keysOfFiles(): string[] {
    return this.files.flatMap(({ versions }) => versions.flatMap(keysOfVersion));
  }
}
