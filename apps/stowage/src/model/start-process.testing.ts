import {
  abortUpload,
  changeFile,
  completeUpload,
  handleStoreEvents,
  makeDerivative,
  mintDownloads,
  mintParts,
  type PresignedRequest,
  type Principal,
  processUpload,
  purgeFile,
  purgeVersion,
  RefusedError,
  reconcile,
  remintUpload,
  restoreFile,
  restoreVersion,
  type ServicePorts,
  sweep,
  trashFile,
  turnMultipart,
} from "@stowage/core";
import { announce, announceFilm } from "./announce.testing.ts";
import { digestOf, sha256Of } from "./content.testing.ts";
import { honestInspector } from "./honest-inspector.testing.ts";
import type { ModelRequest, ModelUpload, Prediction } from "./lifecycle-model.testing.ts";
import { leaseMs, MiB } from "./lifecycle-model.testing.ts";
import type { LifecycleRun, Process, Said } from "./lifecycle-run.testing.ts";
import type { Step } from "./lifecycle-step.testing.ts";
import { predictCompletion } from "./predict-completion.testing.ts";
import { predictAsk, predictMake } from "./predict-derivatives.testing.ts";
import { predictFileChange } from "./predict-file-changes.testing.ts";
import { predictQuarantine, predictRelease } from "./predict-quarantine.testing.ts";
import {
  bytesOfPart,
  predictAbort,
  predictCreate,
  predictMintParts,
  predictRemint,
  predictTurn,
} from "./predict-sending.testing.ts";
import { predictReconcile, predictStoreEvent, predictSweep } from "./predict-sweeping.testing.ts";
import { iconName, predictWork } from "./predict-verification.testing.ts";
import { predictVersionChange, refuseReplacement } from "./predict-versions.testing.ts";
import { WatchedProcess } from "./watched-process.testing.ts";

/** A use case that is about to run, and what the model says of it. */
interface Started {
  readonly process: Process;
  readonly work: () => Promise<Said<PresignedRequest>>;
  readonly upload: ModelUpload | undefined;
  claim(): { readonly uploadId: string; readonly attempt: number } | undefined;
}

type Taken = Exclude<Step, { do: "wait" | "skew" | "put" | "swap" | "wake" | "kill" | "renew" }>;
export type Real = Said<PresignedRequest>;

/** The process that takes a step; nothing where there is no row to take it with. */
export function startProcess(run: LifecycleRun, step: Taken): Started | undefined {
  const { model } = run;
  let claimed: { uploadId: string; attempt: number } | undefined;
  const begin = (
    owner: 0 | 1,
    upload: ModelUpload | undefined,
    prediction: Prediction<Said<ModelRequest>>,
    work: (services: ServicePorts, person: Principal) => Promise<Real>,
  ): Started => {
    const process: Process = new WatchedProcess(
      `${step.do} (step ${run.stepsTaken + 1})`,
      prediction,
      step.fate,
    );
    const ports = {
      metadata: process.watch(run.ports.metadata, "metadata"),
      objects: process.watch(run.ports.objects, "objects"),
    };
    const services = run.machine.services(ports, model.limits[owner]);
    const person = { id: model.people[owner] ?? "nobody" };
    return { process, upload, claim: () => claimed, work: () => orRefusal(() => work(services, person)) };
  };
  const ofUpload = (
    upload: ModelUpload | undefined,
    predict: (upload: ModelUpload) => Prediction<Said<ModelRequest>>,
    work: (services: ServicePorts, person: Principal, id: string) => Promise<Real>,
  ): Started | undefined =>
    upload &&
    begin(upload.owner, upload, predict(upload), (services, person) => work(services, person, upload.id));
  const isPending = ({ state }: ModelUpload) => state === "pending";

  switch (step.do) {
    case "create":
    case "replace": {
      const replaces = step.do === "replace" ? run.pickReplaced(step) : undefined;
      if (step.do === "replace" && !replaces) return undefined;
      const content = run.newContent(step);
      const isFilm = content.type === "video/mp4";
      const isAllowed = isFilm || step.nature !== "not-allowed";
      const intent = { content, ref: step.ref, isSilent: isFilm && step.silent, isAllowed, replaces };
      const refusal = replaces && refuseReplacement(model, step.who, replaces);
      return begin(step.who, undefined, predictCreate(model, step.who, intent), (services, person) =>
        isFilm ? announceFilm(services, person, intent, refusal) : announce(services, person, intent),
      );
    }
    case "remint":
      return ofUpload(
        run.pickUpload(step.which, (upload) => isPending(upload) && !upload.parts),
        (upload) => predictRemint(model, upload),
        async (services, person, id) => answerOf(await remintUpload(services, person, id)),
      );
    case "turn":
      return ofUpload(
        run.pickUpload(
          step.which,
          (upload) => isPending(upload) && !upload.parts && upload.content.sizeBytes > 5 * MiB,
        ),
        (upload) => predictTurn(model, upload),
        async (services, person, id) => ({ said: (await turnMultipart(services, person, id)).state }),
      );
    case "mint-parts":
      return ofUpload(
        run.pickUpload(step.which, (upload) => isPending(upload) && upload.parts !== undefined),
        (upload) => predictMintParts(model, upload, step.parts, step.other),
        async (services, person, id) => {
          const upload = model.uploads.find((each) => each.id === id);
          const parts = step.parts.map((partNumber) => ({
            partNumber,
            sha256: upload ? sha256Of(bytesOfPart(upload, partNumber, step.other)) : "",
          }));
          const { upload: row, requests } = await mintParts(services, person, id, parts);
          return { said: row.state, ...(requests ? { requests } : {}) };
        },
      );
    case "complete":
      return ofUpload(
        run.pickUpload(step.which, (upload) => run.hasArrived(upload)),
        (upload) => predictCompletion(model, upload, model.ownerOf(upload), digestFor(step.sha256, upload)),
        async (services, person, id) => {
          const upload = model.uploads.find((each) => each.id === id);
          const sha256 = upload && digestFor(step.sha256, upload);
          return { said: (await completeUpload(services, person, id, sha256)).state };
        },
      );
    case "abort":
      return ofUpload(
        run.pickUpload(step.which, isPending),
        (upload) => predictAbort(model, upload),
        async (services, person, id) => ({ said: (await abortUpload(services, person, id)).state }),
      );
    case "tell":
      return ofUpload(
        run.pickUpload(step.which, (upload) => run.hasArrived(upload)),
        (upload) => toSaid(predictStoreEvent(model, upload)),
        async (services, _, id) => {
          const key = model.uploads.find((each) => each.id === id)?.landingKey ?? "";
          const event = {
            eventName: "ObjectCreated:Put",
            s3: { bucket: { name: "model" }, object: { key } },
          };
          return { said: String(await handleStoreEvents(services, "model", [event])) };
        },
      );
    case "work":
      return begin(0, undefined, toSaid(predictWork(model, step.away)), async (services) => {
        const inspector = honestInspector(step.away);
        const upload = await services.metadata.claimUpload({ leaseMs });
        if (!upload) return { said: "idle" };
        claimed = { uploadId: upload.id, attempt: upload.attempt };
        const { outcome } = await processUpload({ ...services, inspector, scanner: undefined }, upload);
        const row = await services.metadata.findUpload(upload.id);
        if (outcome === "rejected") return { said: `rejected ${row?.rejection?.code}` };
        const { replaces } = upload;
        if (outcome !== "ready" || !replaces || !row) return { said: outcome };
        if (row.fileId !== replaces.fileId) return { said: "ready apart" };
        const versions = await services.metadata.listFileVersions({ fileId: row.fileId, limit: 200 });
        return { said: `ready ${versions.find(({ uploadId }) => uploadId === row.id)?.state}` };
      });
    case "ask": {
      const file = run.pickFile(
        step.which,
        ({ state, current }) => state === "ready" && current.content.type === "image/jpeg",
      );
      const version = file?.versions[step.version.index % file.versions.length];
      if (!file || !version) return undefined;
      const prediction = toSaid(predictAsk(model, file.id, version.number));
      return begin(file.owner, undefined, prediction, async (services, person) => {
        const asked = { id: file.id, version: version.number, derivative: iconName };
        const [answer] = await mintDownloads(services, person, [asked]);
        return { said: answer && "refusal" in answer ? answer.refusal.code : "given" };
      });
    }
    case "make":
      return begin(0, undefined, toSaid(predictMake(model, step.away)), async (services) => {
        const inspector = honestInspector(step.away);
        const keyPart = services.ids.newKeyPart();
        const task = await services.metadata.claimDerivative({ leaseMs, keyPart });
        if (!task) return { said: "idle" };
        return { said: (await makeDerivative({ ...services, inspector, scanner: undefined }, task)).outcome };
      });
    case "sweep":
      return begin(0, undefined, toSaid(predictSweep(model)), async (services) => ({
        said: JSON.stringify(await sweep(services)),
      }));
    case "reconcile":
      return begin(0, undefined, toSaid(predictReconcile(model)), async (services) => ({
        said: await reconcileShortly(services),
      }));
    case "rename":
    case "trash":
    case "restore":
    case "purge": {
      const state = step.do === "restore" ? "trashed" : "ready";
      const file = run.pickFile(step.which, (each) => step.do === "purge" || each.state === state);
      if (!file) return undefined;
      const expected = file.revision + step.off;
      const name = `name ${file.revision}`;
      const prediction = toSaid(predictFileChange(model, step.do, file, expected, name));
      return begin(file.owner, undefined, prediction, async (services, person) => {
        const change = { trash: trashFile, restore: restoreFile, purge: purgeFile };
        if (step.do === "rename") await changeFile(services, person, file.id, expected, { name });
        else await change[step.do](services, person, file.id, expected);
        return { said: "done" };
      });
    }
    case "quarantine": {
      const file = run.pickFile(step.which, ({ state }) => state !== "quarantined");
      const version = file?.versions[step.version.index % file.versions.length];
      if (!file || !version) return undefined;
      const found = { fileId: file.id, version: version.number, key: version.key };
      return begin(file.owner, undefined, toSaid(predictQuarantine(model, found)), async ({ metadata }) => {
        const { outcome } = await metadata.quarantineFile({ ...found, finding: "Bad", scanner: "Model" });
        return { said: outcome };
      });
    }
    case "release": {
      const file = run.pickFile(step.which, ({ state }) => state === "quarantined");
      if (!file) return undefined;
      const revision = file.revision + step.off;
      const prediction = toSaid(predictRelease(model, file.id, revision));
      return begin(file.owner, undefined, prediction, async ({ metadata }) => {
        const { outcome } = await metadata.releaseFile({ fileId: file.id, revision, actor: "system" });
        return { said: outcome };
      });
    }
    case "restore-version":
    case "purge-version": {
      const file = run.pickFile(step.which, (each) => each.versions.length > 1);
      const version = file && run.pickVersion(file, step.version);
      if (!file || version === undefined) return undefined;
      const expected = file.revision + step.off;
      const prediction = predictVersionChange(model, step.do, { fileId: file.id, version }, expected);
      return begin(file.owner, undefined, toSaid(prediction), async (services, person) => {
        const change = step.do === "restore-version" ? restoreVersion : purgeVersion;
        await change(services, person, file.id, version, expected);
        return { said: "done" };
      });
    }
  }
}

function* toSaid(prediction: Prediction<string>): Prediction<Said<ModelRequest>> {
  return { said: yield* prediction };
}

async function orRefusal(work: () => Promise<Real>): Promise<Real> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RefusedError) return { said: error.code };
    throw error;
  }
}

export const answerOf = ({
  upload,
  request,
}: {
  readonly upload: { readonly state: string };
  readonly request?: PresignedRequest;
}): Real => ({ said: upload.state, ...(request ? { requests: [request] } : {}) });

const digestFor = (which: "none" | "right" | "other", { content }: ModelUpload): string | undefined =>
  which === "none" ? undefined : which === "right" ? digestOf(content) : sha256Of(Buffer.from("other"));

async function reconcileShortly(services: ServicePorts): Promise<string> {
  const findings: string[] = [];
  await reconcile(services, {
    onFinding: (finding) => {
      if (finding.kind === "overdue") findings.push(`overdue ${finding.objects}`);
      else if (finding.kind === "orphan" || finding.kind === "orphan-multipart")
        findings.push(`${finding.kind} ${finding.key}`);
      else findings.push(JSON.stringify(finding));
    },
  });
  return findings.join(", ");
}
