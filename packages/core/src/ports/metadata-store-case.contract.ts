import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import type { AuditEventRecord } from "../audit-event.ts";
import type { FileRecord, FileVersionRecord, VersionFacts } from "../file.ts";
import { contentKey, derivativeKey } from "../keys.ts";
import type { Identity, PrincipalRecord } from "../principal.ts";
import type { UploadRecord } from "../upload.ts";
import { uuidV7 } from "../uuid-v7.ts";
import type { Clock } from "./clock.ts";
import type { MetadataStore } from "./metadata-store.ts";
import type { CreateUploadOutcome, CreateUploads, FinishResult, NewUpload } from "./upload-commands.ts";

/** An empty store under test, and the clock it was given, which stands still unless it is moved on. */
export interface MetadataStoreUnderTest {
  readonly store: MetadataStore;
  readonly clock: Clock & { advance(ms: number): void };
  close(): Promise<void>;
}

/** One promise of the port. */
export interface MetadataStoreCase {
  readonly name: string;
  run(scene: Scene): Promise<void>;
}

/** A clock that moves only when told to, in whole milliseconds. */
export function createManualClock(startMs = 1_700_000_000_000): MetadataStoreUnderTest["clock"] {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
  };
}

export const minuteMs = 60_000;
export const uploadLifetimeMs = 7 * 24 * 60 * minuteMs;
export const urlLifetimeMs = 10 * minuteMs;
export const leaseMs = 2 * minuteMs;

/** The store under test and all that a case has put into it, so that nothing of it can change unnoticed. */
export class Scene {
  readonly store: MetadataStore;
  readonly clock: MetadataStoreUnderTest["clock"];
  readonly #ownerIds = new Set<string>();
  readonly #uploadIds = new Set<string>();
  readonly #fileIds = new Set<string>();
  readonly #keys = new Set<string>();

  constructor({ store, clock }: MetadataStoreUnderTest) {
    this.store = store;
    this.clock = clock;
  }

  newId(): string {
    return uuidV7(this.clock.nowMs(), randomBytes(10));
  }

  newKey(prefix: string): string {
    const key = `${prefix}${randomBytes(16).toString("hex")}`;
    this.#keys.add(key);
    return key;
  }

  async newOwner(identity: Partial<Identity> = {}): Promise<PrincipalRecord> {
    const owner = await this.store.ensurePrincipal({
      issuer: "https://issuer.example",
      subject: randomBytes(8).toString("hex"),
      ...identity,
      newId: this.newId(),
    });
    this.#ownerIds.add(owner.id);
    return owner;
  }

  newItem(item: Partial<NewUpload> = {}): NewUpload {
    const made = {
      id: this.newId(),
      fileId: this.newId(),
      name: "holiday.jpg",
      sizeBytes: 1000,
      contentType: "image/jpeg",
      sha256: sha256Of("holiday"),
      profile: "default",
      metadata: {},
      landingKey: this.newKey("uploads/"),
      storagePrefix: this.newKey("files/"),
      ...item,
    };
    this.#uploadIds.add(made.id);
    this.#fileIds.add(made.fileId);
    for (const attempt of [1, 2]) {
      this.#keys.add(contentKey(made, attempt));
      this.#keys.add(derivativeKey(made, attempt, "thumbnail"));
    }
    return made;
  }

  createAll(
    ownerId: string,
    items: readonly NewUpload[],
    limits: Partial<CreateUploads> = {},
  ): Promise<readonly CreateUploadOutcome[]> {
    return this.store.createUploads({
      ownerId,
      quotaBytes: 0,
      maxOpenUploads: 0,
      uploadLifetimeMs,
      urlLifetimeMs,
      items,
      ...limits,
    });
  }

  async createOutcome(
    ownerId: string,
    item: Partial<NewUpload> = {},
    limits: Partial<CreateUploads> = {},
  ): Promise<CreateUploadOutcome> {
    const outcomes = await this.createAll(ownerId, [this.newItem(item)], limits);
    assert.equal(outcomes.length, 1);
    const [outcome] = outcomes;
    assert.ok(outcome);
    return outcome;
  }

  async create(ownerId: string, item: Partial<NewUpload> = {}): Promise<UploadRecord> {
    const outcome = await this.createOutcome(ownerId, item);
    assert.equal(outcome.outcome, "created");
    return outcome.upload;
  }

  async complete(uploadId: string): Promise<UploadRecord> {
    const result = await this.store.completeUpload({ uploadId, actor: "system" });
    assert.equal(result.outcome, "completed");
    return result.upload;
  }

  async claim(): Promise<UploadRecord> {
    const upload = await this.store.claimUpload({ leaseMs });
    assert.ok(upload, "something can be claimed");
    return upload;
  }

  /** A new upload in a worker's hands. */
  async createClaimed(ownerId: string, item: Partial<NewUpload> = {}): Promise<UploadRecord> {
    const { id } = await this.create(ownerId, item);
    await this.complete(id);
    const upload = await this.claim();
    assert.equal(upload.id, id, "nothing else waits");
    return upload;
  }

  async finish(upload: UploadRecord, result: FinishResult): Promise<void> {
    const { id: uploadId, attempt } = upload;
    assert.equal(await this.store.finishUpload({ uploadId, attempt, result, dooms: [] }), "finished");
  }

  async createReady(ownerId: string, item: Partial<NewUpload> = {}): Promise<FileRecord> {
    const upload = await this.createClaimed(ownerId, item);
    await this.finish(upload, readyResult(upload));
    return this.file(upload.fileId);
  }

  /** A version in the file's place, as far as verification says yes. */
  async createReplacing(
    { ownerId, id, version }: FileRecord,
    item: Partial<NewUpload> = {},
  ): Promise<{ readonly upload: UploadRecord; readonly file: FileRecord }> {
    const upload = await this.createClaimed(ownerId, { replaces: { fileId: id, version }, ...item });
    await this.finish(upload, readyResult(upload));
    return { upload: await this.upload(upload.id), file: await this.file(id) };
  }

  versions(fileId: string): Promise<readonly FileVersionRecord[]> {
    return this.store.listFileVersions({ fileId, limit: 201 });
  }

  async lastWords(uploadId: string): Promise<string | undefined> {
    return (await this.store.listUploadEvents(uploadId)).at(-1)?.detail;
  }

  async createAborted(ownerId: string, item: Partial<NewUpload> = {}): Promise<UploadRecord> {
    const { id } = await this.create(ownerId, item);
    const result = await this.store.abortUpload({ uploadId: id, actor: "system", detail: "Enough." });
    assert.equal(result.outcome, "aborted");
    return result.upload;
  }

  async upload(id: string): Promise<UploadRecord> {
    const upload = await this.store.findUpload(id);
    assert.ok(upload, `upload ${id} is there`);
    return upload;
  }

  async file(id: string): Promise<FileRecord> {
    const file = await this.store.findFile(id);
    assert.ok(file, `file ${id} is there`);
    return file;
  }

  async counters(ownerId: string): Promise<{ used: number; reserved: number; open: number }> {
    const owner = await this.store.findPrincipal(ownerId);
    assert.ok(owner, `principal ${ownerId} is there`);
    return { used: owner.usedBytes, reserved: owner.reservedBytes, open: owner.openUploads };
  }

  /** Every audit event, read in pages. */
  async auditEvents(): Promise<AuditEventRecord[]> {
    const events: AuditEventRecord[] = [];
    for (;;) {
      const afterSequence = events.at(-1)?.sequence ?? 0;
      const page = await this.store.listAuditEvents({ afterSequence, limit: 100 });
      if (page.length === 0) return events;
      assert.ok((page[0]?.sequence ?? 0) > afterSequence, "the next page begins after the last");
      events.push(...page);
    }
  }

  /**
   * Runs a command that has to leave exactly one audit event, dated now, and answers what the command did. What sealed it is the audit's own
   * cases' to look at.
   */
  async audited<T>(
    expected: Omit<AuditEventRecord, "sequence" | "atMs" | "sealedBy">,
    run: () => Promise<T>,
  ): Promise<T> {
    const before = await this.auditEvents();
    const result = await run();
    const added = (await this.auditEvents()).slice(before.length);
    assert.deepEqual(
      added.map(({ sequence: _, sealedBy: __, ...event }) => event),
      [{ ...expected, atMs: this.clock.nowMs() }],
    );
    return result;
  }

  /** All that can be seen of what the case put into the store. */
  async look(): Promise<unknown> {
    const { store } = this;
    const uploadIds = [...this.#uploadIds];
    const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1);
    return {
      principals: await Promise.all([...this.#ownerIds].map((id) => store.findPrincipal(id))),
      uploads: [...(await store.findUploads(uploadIds))].sort(byId),
      events: (await Promise.all(uploadIds.map((id) => store.listUploadEvents(id)))).filter(
        (events) => events.length > 0,
      ),
      files: [...(await store.findFiles([...this.#fileIds]))].sort(byId),
      versions: (await Promise.all([...this.#fileIds].map((id) => this.versions(id)))).flat(),
      grants: (
        await Promise.all([...this.#fileIds].map((fileId) => store.listGrants({ fileId, limit: 201 })))
      ).flat(),
      invites: (
        await Promise.all([...this.#fileIds].map((fileId) => store.listFileInvites({ fileId, limit: 201 })))
      ).flat(),
      glassBreaks: await store.listGlassBreaks([...this.#fileIds]),
      doomed: await store.listDoomedObjects(200),
      knownKeys: [...(await store.findKnownKeys([...this.#keys]))].sort(),
      unprobed: await store.listUnprobedUploads(200),
      held: await store.listHeldReservations(200),
      unclosed: await store.listUnclosedUploads(200),
      auditEvents: await this.auditEvents(),
    };
  }

  /** Runs a command that has to write nothing, and answers what it answered. */
  async unchanged<T>(run: () => Promise<T>): Promise<T> {
    const before = await this.look();
    const result = await run();
    assert.deepEqual(await this.look(), before);
    return result;
  }
}

export const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex");

export const factsOf = (upload: UploadRecord, facts: Partial<VersionFacts> = {}): VersionFacts => ({
  key: contentKey(upload, upload.attempt),
  sizeBytes: upload.sizeBytes,
  sha256: upload.sha256 ?? sha256Of("as computed"),
  contentType: upload.contentType,
  derivatives: [],
  ...facts,
});

export const readyResult = (
  upload: UploadRecord,
  facts: Partial<VersionFacts> = {},
): FinishResult & { readonly kind: "ready" } => ({
  kind: "ready",
  facts: factsOf(upload, facts),
  detail: "Checked.",
});

export const rejectedResult: FinishResult = {
  kind: "rejected",
  rejection: { code: "malware", detail: "It bites." },
};

export const idsOf = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);
