import type { FileState, VersionOfFile } from "../file.ts";
import { leaseOfMs } from "../limits.ts";
import type { UploadState } from "../upload.ts";

/** An upload as the model knows it: what decides outcomes, and no more. */
export interface ModelUpload {
  readonly id: string;
  fileId: string;
  readonly replaces: VersionOfFile | undefined;
  readonly owner: number;
  readonly sizeBytes: number;
  digest: string | undefined;
  readonly ref: string | undefined;
  state: UploadState;
  reserved: boolean;
  claimed: boolean;
  attempt: number;
  failedAttempts: number;
  lostClaims: number;
  expiresAtMs: number;
  urlsUntilMs: number;
  probedAtMs: number;
  claimableAtMs: number;
  turn: number;
  inParts: boolean;
  storeUploadId: string | undefined;
  /** What was last declared of each part. */
  declared: Map<number, string>;
}

/** What a version was when it came, and must be for as long as it is there. */
export interface ModelVersion {
  readonly number: number;
  readonly sizeBytes: number;
  readonly key: string;
  readonly uploadId: string;
  isConflict: boolean;
}

export interface ModelFile {
  readonly id: string;
  readonly owner: number;
  version: number;
  latestVersion: number;
  versions: ModelVersion[];
  name: string;
  state: FileState | "purged";
  /** What it was before it was quarantined. */
  from: "ready" | "trashed";
  revision: number;
}

const openStates: ReadonlySet<string> = new Set(["pending", "uploaded", "verifying"]);
const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

/** What a MetadataStore has to do, said as simply as can be: counters are sums, lists are filters. */
export class MetadataModel {
  /** Keys of versions that were purged. */
  readonly purgedKeys = new Set<string>();
  readonly uploads: ModelUpload[] = [];
  readonly files: ModelFile[] = [];
  auditCount = 0;
  nowMs = 0;
  /** The highest turn of what was claimed. */
  claimedTurn = 0;

  counters(owner: number): { used: number; reserved: number; open: number } {
    const own = this.uploads.filter((upload) => upload.owner === owner);
    const files = this.files.filter((file) => file.owner === owner && file.state !== "purged");
    return {
      used: sum(files.flatMap(({ versions }) => versions.map(({ sizeBytes }) => sizeBytes))),
      reserved: sum(own.filter(({ reserved }) => reserved).map(({ sizeBytes }) => sizeBytes)),
      open: own.filter(({ state }) => openStates.has(state)).length,
    };
  }

  create(
    made: Pick<
      ModelUpload,
      "id" | "fileId" | "owner" | "sizeBytes" | "digest" | "ref" | "inParts" | "replaces"
    >,
    limits: {
      quotaBytes: number;
      quotaFiles?: number;
      maxOpenUploads: number;
      uploadLifetimeMs: number;
      urlLifetimeMs: number;
    },
  ): string {
    const same = this.uploads.find(
      ({ owner, ref, state }) =>
        ref !== undefined &&
        owner === made.owner &&
        ref === made.ref &&
        state !== "aborted" &&
        state !== "rejected",
    );
    if (same) {
      const isOther = JSON.stringify(same.replaces) !== JSON.stringify(made.replaces);
      if (same.sizeBytes !== made.sizeBytes || isOther || this.contradicts(same, made.digest))
        return "ref-reused";
      const before = `${same.expiresAtMs} ${same.urlsUntilMs} ${same.digest}`;
      if (same.state === "pending") {
        this.extend(same, limits);
        same.digest ??= made.digest;
      }
      if (`${same.expiresAtMs} ${same.urlsUntilMs} ${same.digest}` !== before) this.auditCount += 1;
      return "existing";
    }
    const { used, reserved, open } = this.counters(made.owner);
    if (used + reserved + made.sizeBytes > limits.quotaBytes) return "quota-exceeded";
    const files = this.files.filter(({ owner, state }) => owner === made.owner && state !== "purged");
    const { quotaFiles = Number.POSITIVE_INFINITY } = limits;
    if (files.length + open >= quotaFiles + (made.replaces ? 1 : 0)) return "quota-exceeded";
    if (open >= limits.maxOpenUploads) return "too-many-open-uploads";
    this.uploads.push({
      ...made,
      state: "pending",
      reserved: true,
      claimed: false,
      attempt: 0,
      failedAttempts: 0,
      lostClaims: 0,
      expiresAtMs: this.nowMs + limits.uploadLifetimeMs,
      urlsUntilMs: this.nowMs + limits.urlLifetimeMs,
      probedAtMs: 0,
      claimableAtMs: 0,
      turn: 0,
      storeUploadId: undefined,
      declared: new Map(),
    });
    this.auditCount += 1;
    return "created";
  }

  contradicts({ digest }: ModelUpload, other: string | undefined): boolean {
    return digest !== undefined && other !== undefined && digest !== other;
  }

  nextTurnOf(owner: ModelUpload["owner"]): number {
    const waiting = this.uploads.filter(
      (each) => each.owner === owner && (each.state === "uploaded" || each.state === "verifying"),
    );
    return 1 + Math.max(this.claimedTurn, ...waiting.map(({ turn }) => turn));
  }

  complete(upload: ModelUpload, digest: string | undefined): string {
    if (upload.state === "pending" && this.contradicts(upload, digest)) return "sha256-conflict";
    return this.ifPending(upload, "completed", () => {
      upload.turn = this.nextTurnOf(upload.owner);
      upload.state = "uploaded";
      upload.claimableAtMs = this.nowMs;
      upload.digest ??= digest;
    });
  }

  turn(upload: ModelUpload, uploadLifetimeMs: number): string {
    if (upload.state === "pending" && upload.inParts) return "already";
    return this.ifPending(upload, "turned", () => {
      upload.inParts = true;
      upload.expiresAtMs = this.nowMs + uploadLifetimeMs;
    });
  }

  begin(upload: ModelUpload, storeUploadId: string): string {
    if (upload.state === "pending" && !upload.inParts) return "not-multipart";
    if (upload.state === "pending" && upload.storeUploadId !== undefined) return "already";
    return this.ifPending(upload, "begun", () => {
      upload.storeUploadId = storeUploadId;
    });
  }

  forget(upload: ModelUpload, storeUploadId: string): boolean {
    if (upload.state !== "pending" || upload.storeUploadId !== storeUploadId) return false;
    upload.storeUploadId = undefined;
    this.auditCount += 1;
    return true;
  }

  mint(
    upload: ModelUpload,
    lives: { uploadLifetimeMs: number; urlLifetimeMs: number },
    parts: readonly { readonly partNumber: number; readonly sha256: string }[],
  ): string {
    if (upload.state === "pending" && upload.storeUploadId === undefined) return "not-begun";
    return this.ifPending(upload, "minted", () => {
      this.extend(upload, lives);
      for (const { partNumber, sha256 } of parts) upload.declared.set(partNumber, sha256);
    });
  }

  extend(upload: ModelUpload, lives: { uploadLifetimeMs: number; urlLifetimeMs: number }): void {
    upload.expiresAtMs = this.nowMs + lives.uploadLifetimeMs;
    upload.urlsUntilMs = Math.max(upload.urlsUntilMs, this.nowMs + lives.urlLifetimeMs);
  }

  /** The answer to a command on a pending upload, and what it changes. */
  ifPending(upload: ModelUpload, outcome: string, change: () => void): string {
    if (upload.state !== "pending") return "not-pending";
    change();
    this.auditCount += 1;
    return outcome;
  }

  abort(upload: ModelUpload, ifExpired: boolean): string {
    if (upload.state === "pending" && ifExpired && upload.expiresAtMs > this.nowMs) return "not-expired";
    return this.ifPending(upload, "aborted", () => {
      upload.state = "aborted";
      upload.declared.clear();
    });
  }

  release(upload: ModelUpload): boolean {
    const releases = upload.state === "aborted" && upload.reserved;
    if (releases) upload.reserved = false;
    return releases;
  }

  claimable(): ModelUpload | undefined {
    return this.uploads
      .filter(({ state }) => state === "uploaded" || state === "verifying")
      .filter(({ claimableAtMs }) => claimableAtMs <= this.nowMs)
      .sort((a, b) => a.turn - b.turn || a.claimableAtMs - b.claimableAtMs || (a.id < b.id ? -1 : 1))[0];
  }

  claim(leaseMs: number): ModelUpload | undefined {
    const upload = this.claimable();
    if (!upload) return undefined;
    upload.state = "verifying";
    this.claimedTurn = Math.max(this.claimedTurn, upload.turn);
    upload.attempt += 1;
    if (upload.claimed) upload.lostClaims += 1;
    else upload.failedAttempts += 1;
    upload.claimed = true;
    upload.claimableAtMs = this.nowMs + leaseOfMs(leaseMs, upload.lostClaims);
    this.auditCount += 1;
    return upload;
  }

  holds(upload: ModelUpload, attempt: number): boolean {
    return upload.state === "verifying" && upload.claimed && upload.attempt === attempt;
  }

  postpone(upload: ModelUpload, attempt: number, retryInMs: number, consumed: boolean): boolean {
    if (!this.holds(upload, attempt)) return false;
    upload.claimed = false;
    upload.claimableAtMs = this.nowMs + retryInMs;
    if (!consumed) {
      upload.failedAttempts -= 1;
      upload.turn = this.nextTurnOf(upload.owner);
    }
    this.auditCount += 1;
    return true;
  }

  /** @param ready what is known of it then; nothing where it is rejected */
  finish(
    upload: ModelUpload,
    attempt: number,
    ready: { readonly sizeBytes: number; readonly sha256: string; readonly key: string } | undefined,
  ): string {
    if (!this.holds(upload, attempt)) return "stale";
    upload.declared.clear();
    upload.state = ready ? "ready" : "rejected";
    upload.reserved = false;
    this.auditCount += 1;
    if (!ready) return "finished";
    upload.digest = ready.sha256;
    const { replaces } = upload;
    const replaced = this.files.find(
      ({ id, owner, state }) => id === replaces?.fileId && owner === upload.owner && state !== "purged",
    );
    const made = { sizeBytes: ready.sizeBytes, key: ready.key, uploadId: upload.id };
    if (!replaced)
      this.files.push({
        id: upload.fileId,
        owner: upload.owner,
        version: 1,
        latestVersion: 1,
        versions: [{ ...made, number: 1, isConflict: false }],
        name: "holiday.jpg",
        state: "ready",
        from: "ready",
        revision: 1,
      });
    else {
      const isCurrent = replaced.state === "ready" && replaced.version === replaces?.version;
      upload.fileId = replaced.id;
      replaced.latestVersion += 1;
      replaced.versions.push({ ...made, number: replaced.latestVersion, isConflict: !isCurrent });
      if (isCurrent) replaced.version = replaced.latestVersion;
      replaced.revision += 1;
      this.auditCount += 1;
    }
    return "finished";
  }

  changeVersion(file: ModelFile, revision: number, number: number, to: "chosen" | "dropped"): string {
    if (file.state === "purged") return "missing";
    if (file.revision !== revision) return "stale";
    if (file.state !== "ready") return "wrong-state";
    const version = file.versions.find((each) => each.number === number);
    if (!version) return "no-such-version";
    if (file.version === number) return "is-current";
    if (to === "chosen") {
      file.version = number;
      version.isConflict = false;
    } else this.#purge(file, [version]);
    file.revision += 1;
    this.auditCount += 1;
    return "done";
  }

  #purge(file: ModelFile, versions: readonly ModelVersion[]): void {
    for (const { key } of versions) this.purgedKeys.add(key);
    file.versions = file.versions.filter((version) => !versions.includes(version));
  }

  quarantine(file: ModelFile, number: number): string {
    if (file.state === "purged" || !file.versions.some((each) => each.number === number)) return "missing";
    if (file.state === "quarantined") return "already";
    file.from = file.state === "trashed" ? file.state : "ready";
    file.state = "quarantined";
    file.revision += 1;
    this.auditCount += 1;
    return "done";
  }

  changeFile(
    file: ModelFile,
    revision: number,
    to: "renamed" | "trashed" | "ready" | "purged" | "released",
  ): string {
    if (file.state === "purged") return "missing";
    if (file.revision !== revision) return "stale";
    if ((to === "trashed" || to === "renamed") && file.state !== "ready") return "wrong-state";
    if (to === "ready" && file.state !== "trashed") return "wrong-state";
    if (to === "released" && file.state !== "quarantined") return "wrong-state";
    if (to === "released") file.state = file.from;
    else if (to === "renamed") file.name = `name ${revision}`;
    else file.state = to;
    if (to === "purged") this.#purge(file, file.versions);
    file.revision += 1;
    this.auditCount += 1;
    return "done";
  }

  #pendingIds(isListed: (upload: ModelUpload) => boolean): string[] {
    return this.uploads
      .filter((upload) => upload.state === "pending" && isListed(upload))
      .map(({ id }) => id)
      .sort();
  }

  knownMultiparts(): string[] {
    return this.uploads
      .filter(({ state }) => state === "pending")
      .flatMap(({ storeUploadId }) => storeUploadId ?? [])
      .sort();
  }

  expiredIds(): string[] {
    return this.#pendingIds(({ expiresAtMs }) => expiresAtMs <= this.nowMs);
  }

  unprobedIds(): string[] {
    return this.#pendingIds(
      ({ urlsUntilMs, probedAtMs }) => urlsUntilMs <= this.nowMs && probedAtMs < urlsUntilMs,
    );
  }

  heldIds(): string[] {
    return this.#reservingIds(({ urlsUntilMs }) => urlsUntilMs <= this.nowMs);
  }

  unclosedIds(): string[] {
    return this.#reservingIds(({ urlsUntilMs }) => urlsUntilMs > this.nowMs);
  }

  #reservingIds(isListed: (upload: ModelUpload) => boolean): string[] {
    return this.uploads
      .filter((upload) => upload.state === "aborted" && upload.reserved && isListed(upload))
      .map(({ id }) => id)
      .sort();
  }
}
