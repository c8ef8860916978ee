import assert from "node:assert/strict";
import type { PresignedRequest, VersionOfFile } from "@stowage/core";
import { bytesOf, type Content, digestOf, otherBytes, sha256Of } from "./content.testing.ts";
import { heal } from "./heal.testing.ts";
import { holdToModel } from "./hold-to-model.testing.ts";
import {
  LifecycleModel,
  MiB,
  type ModelFile,
  type ModelRequest,
  type ModelUpload,
} from "./lifecycle-model.testing.ts";
import type { Announced, Announcement, Step, Which } from "./lifecycle-step.testing.ts";
import { type Machine, openMachine, type Ports, startMs } from "./machine.testing.ts";
import { bytesOfPart, filmPartBytes, partCountOf } from "./predict-sending.testing.ts";
import { startProcess } from "./start-process.testing.ts";
import type { Halt, WatchedProcess } from "./watched-process.testing.ts";

/** What a process says at its end: in short, and the requests that it brought. */
export interface Said<Request> {
  readonly said: string;
  readonly requests?: readonly Request[];
  /** The client was told that the bytes are there. */
  readonly isAcknowledged?: boolean;
}

export type Process = WatchedProcess<Said<ModelRequest>>;

interface Sleeper {
  readonly process: Process;
  readonly upload: ModelUpload | undefined;
  /** Of a worker that has claimed. */
  claim(): { readonly uploadId: string; readonly attempt: number } | undefined;
}

export interface RunOptions {
  /** In place of the real ports: something broken on purpose. */
  readonly breakPorts?: (ports: Ports) => Ports;
  /** Told of each of the steps that were asked for, and what came of it. */
  readonly onOutcome?: (step: Step["do"], outcome: string) => void;
}

const limits = [
  { quotaBytes: 12_000, openUploads: 3 },
  { quotaBytes: 24 * MiB, openUploads: 6 },
] as const;

const sizes: Record<Exclude<Announced, "picture">, number> = {
  large: 5 * MiB + 2000,
  film: filmPartBytes + 1000,
};

const smallestPictureBytes = 8;

/** There was no row to take a step with: it counts for nothing. */
const nothing = "nothing";

/** One run of the model beside the real services, from an empty database and an empty bucket on. */
export class LifecycleRun {
  readonly machine: Machine;
  readonly ports: Ports;
  readonly model: LifecycleModel;
  readonly options: RunOptions;
  /** The real requests, in the order of the model's. */
  readonly requests: PresignedRequest[] = [];
  readonly sleepers: Sleeper[] = [];
  seenAudit = 0;
  /** Its steps are not those that were asked for. */
  isHealing = false;
  stepsTaken = 0;
  #seed = 0;

  constructor(machine: Machine, people: readonly string[], options: RunOptions) {
    this.machine = machine;
    this.ports = options.breakPorts?.(machine) ?? machine;
    this.model = new LifecycleModel(people, limits, startMs);
    this.machine.clocks.current = this.model;
    this.options = options;
  }

  static async begin(machine: Machine, options: RunOptions): Promise<LifecycleRun> {
    const people: string[] = [];
    for (const subject of ["ann", "bob"]) {
      const newId = `person-${subject}`;
      const { id } = await machine.metadata.ensurePrincipal({
        issuer: "https://issuer.example",
        subject,
        newId,
      });
      people.push(id);
    }
    return new LifecycleRun(machine, people, options);
  }

  /** Takes a step with the real services and in the model, and holds the one to the other. */
  async take(step: Step): Promise<string> {
    const outcome = await this.#do(step);
    if (outcome === nothing) return outcome;
    if (!this.isHealing) this.options.onOutcome?.(step.do, outcome);
    this.stepsTaken += 1;
    await holdToModel(this);
    return outcome;
  }

  async #do(step: Step): Promise<string> {
    const { model } = this;
    switch (step.do) {
      case "wait":
        model.nowMs += step.seconds * 1000;
        return "done";
      case "skew":
        model.databaseAheadMs = step.database * 1000;
        model.storeAheadMs = step.store * 1000;
        return "done";
      case "put":
        return this.#put(step);
      case "swap":
        return this.#swap(step);
      case "wake":
      case "kill":
      case "renew":
        return this.#rouse(step.do, step.index);
      default:
        return this.#start(step);
    }
  }

  async #start(
    step: Exclude<Step, { do: "wait" | "skew" | "put" | "swap" | "wake" | "kill" | "renew" }>,
  ): Promise<string> {
    const started = startProcess(this, step);
    if (!started) return nothing;
    const halt = await started.process.run(started.work);
    if (halt === "asleep") this.sleepers.push(started);
    return this.#settle(started.process, started.upload, halt);
  }

  /** Holds what a process said to what the model says. */
  #settle(process: Process, upload: ModelUpload | undefined, halt: Halt): string {
    if (halt !== "done") return halt;
    const { result } = process;
    assert.ok(result);
    const { expected } = result;
    const real = result.real as Said<PresignedRequest>;
    assert.equal(real.said, expected.said, `${process.what}: its answer`);
    assert.equal(real.requests?.length ?? 0, expected.requests?.length ?? 0, `${process.what}: its requests`);
    this.model.requests.push(...(expected.requests ?? []));
    this.requests.push(...(real.requests ?? []));
    if (expected.isAcknowledged && upload) upload.isAcknowledged = true;
    return expected.said;
  }

  async #rouse(how: "wake" | "kill" | "renew", index: number): Promise<string> {
    const at = this.sleepers.length - 1 - (index % Math.max(1, this.sleepers.length));
    const sleeper = this.sleepers[at];
    if (!sleeper) return nothing;
    if (how === "renew") {
      const claim = sleeper.claim();
      const upload = this.model.uploads.find(({ id }) => id === claim?.uploadId);
      if (!claim || !upload) return nothing;
      const isHeld = this.model.renew(upload, claim.attempt);
      assert.equal(await this.ports.metadata.renewClaim({ ...claim, leaseMs: 60_000 }), isHeld);
      return isHeld ? "held" : "lost";
    }
    this.sleepers.splice(at, 1);
    if (how === "kill") {
      await sleeper.process.kill();
      return "killed";
    }
    return this.#settle(sleeper.process, sleeper.upload, await sleeper.process.wake());
  }

  async #put({ which, bytes: kind }: Extract<Step, { do: "put" }>): Promise<string> {
    const { model, machine } = this;
    const canLand = ({ upload, key, signedAtMs, part }: ModelRequest) =>
      upload.state === "pending" &&
      signedAtMs + 600_000 > model.storeMs &&
      (part ? model.multiparts.has(part.storeUploadId) : !model.objects.has(key));
    const index = pickIndex(model.requests, which, canLand);
    const request = model.requests[index];
    const real = this.requests[index];
    if (!request || !real) return nothing;
    const { part, upload } = request;
    const right = part ? bytesOfPart(upload, part.partNumber, part.isOther) : bytesOf(upload.content);
    const sent =
      kind === "other"
        ? Buffer.alloc(right.byteLength, "wrong")
        : kind === "longer"
          ? Buffer.concat([right, otherBytes(1)])
          : right;
    const status = await machine.send(real, sent, kind === "cut");
    const expected =
      kind === "cut" ? 0 : model.receive(request, { sizeBytes: sent.byteLength, sha256: sha256Of(sent) });
    assert.equal(status, expected, `the answer to ${kind} bytes for ${request.key}`);
    return String(status);
  }

  async #swap({ which }: Extract<Step, { do: "swap" }>): Promise<string> {
    const { model, machine } = this;
    const request = model.requests[pickIndex(model.requests, which, (each) => model.canSwap(each))];
    if (!request || !model.canSwap(request)) return nothing;
    const { content } = request.upload;
    const whole = { partSizeBytes: content.sizeBytes, numbers: [1] };
    const other = { ...content, others: whole };
    const [body, sha256] = [bytesOf(other), digestOf(other)];
    await machine.objects.put({ key: request.key, body, contentType: content.type, sha256 });
    model.objects.set(request.key, {
      sizeBytes: content.sizeBytes,
      sha256,
      bornMs: model.storeMs,
      content: other,
    });
    return request.upload.state;
  }

  /** The upload that is announced again. */
  #lastOfRef({ who, ref, again }: Announcement): ModelUpload | undefined {
    if (ref === undefined || !again) return undefined;
    return this.model.uploads.findLast((upload) => upload.owner === who && upload.ref === ref);
  }

  /** The version that is to be replaced. */
  pickReplaced(step: Extract<Step, { do: "replace" }>): VersionOfFile | undefined {
    const { files, purged } = this.model;
    const last = this.#lastOfRef(step)?.replaces;
    if (last) return last;
    const live = files.map((file) => ({
      id: file.id,
      isFit: file.owner === step.who && file.state === "ready",
      current: file.current.number,
      latest: file.latestVersion,
    }));
    const gone = [...purged].map(([id, latest]) => ({ id, isFit: false, current: latest, latest }));
    const rows = [...gone, ...live];
    const file = rows[pickIndex(rows, step.which, ({ isFit }) => isFit)];
    if (!file) return undefined;
    const { id: fileId, current, latest } = file;
    const other = current === latest ? Math.max(1, latest - 1) : latest;
    return { fileId, version: { current, other, unborn: latest + 1 }[step.base] };
  }

  /** A number that a version of the file has, had, or (the highest) never had. */
  pickVersion(file: ModelFile, which: Which): number | undefined {
    const numbers = Array.from({ length: file.latestVersion + 1 }, (_, index) => index + 1);
    const isFit = (number: number) =>
      file.versions.some((version) => version.number === number && version !== file.current);
    return numbers[pickIndex(numbers, which, isFit)];
  }

  /** A new file to announce, or that of the ref's last upload. */
  newContent(step: Announcement): Content {
    const { model } = this;
    this.#seed += 1;
    const last = this.#lastOfRef(step);
    if (last) return last.content;
    const nature = step.nature === "not-allowed" ? "sound" : step.nature;
    // Large files have few contents, which are kept in memory.
    if (step.as !== "picture" && step.who === 1)
      return {
        nature,
        type: step.as === "film" ? "video/mp4" : "image/jpeg",
        sizeBytes: sizes[step.as],
        seed: this.#seed % 3,
      };
    const free = model.freeBytes(step.who);
    // Only the one whose quota is small comes near it with a picture.
    const wanted =
      typeof step.size === "number"
        ? step.size
        : step.who === 1
          ? 100
          : step.size === "free"
            ? free
            : free + 1;
    return {
      nature,
      type: "image/jpeg",
      sizeBytes: Math.max(smallestPictureBytes, wanted),
      seed: this.#seed,
    };
  }

  pickUpload(which: Which, fits: (upload: ModelUpload) => boolean): ModelUpload | undefined {
    return this.model.uploads[pickIndex(this.model.uploads, which, fits)];
  }

  pickFile(which: Which, fits: (file: ModelFile) => boolean): ModelFile | undefined {
    return this.model.files[pickIndex(this.model.files, which, fits)];
  }

  /** Whether all that a completion asks for is there. */
  hasArrived(upload: ModelUpload): boolean {
    if (upload.state !== "pending") return false;
    if (!upload.parts) return (this.model.objects.get(upload.landingKey)?.sizeBytes ?? 0) > 0;
    const stored = this.model.multiparts.get(upload.parts.storeUploadId ?? "");
    return stored !== undefined && stored.parts.size === partCountOf(upload);
  }
}

/** Index of the row chosen, from the newest on, among those that fit or among all; -1 where there is none. */
function pickIndex<Row>(rows: readonly Row[], { index, fits }: Which, isFit: (row: Row) => boolean): number {
  const among = [...rows.entries()].flatMap(([at, row]) => (!fits || isFit(row) ? at : []));
  return among[among.length - 1 - (index % Math.max(1, among.length))] ?? -1;
}

/** Runs these steps from nothing on, each held to the model; and at the end lets everything come to its own. */
export async function runLifecycle(steps: readonly Step[], options: RunOptions = {}): Promise<void> {
  await using machine = await openMachine();
  const run = await LifecycleRun.begin(machine, options);
  for (const step of steps) await run.take(step);
  await heal(run);
}
