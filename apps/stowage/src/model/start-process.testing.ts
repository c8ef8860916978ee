import {
  abortUpload,
  changeFile,
  completeUpload,
  createUploads,
  handleStoreEvents,
  mintParts,
  multipartKey,
  newStoragePrefix,
  type PresignedRequest,
  type Principal,
  processUpload,
  purgeFile,
  RefusedError,
  reconcile,
  remintUpload,
  restoreFile,
  type ServicePorts,
  sweep,
  trashFile,
  turnMultipart,
} from "@stowage/core";
import { bytesOf, type Content, digestOf, nameOf, sha256Of } from "./content.testing.ts";
import { honestInspector } from "./honest-inspector.testing.ts";
import type { ModelRequest, ModelUpload, Prediction } from "./lifecycle-model.testing.ts";
import { leaseMs, MiB } from "./lifecycle-model.testing.ts";
import type { LifecycleRun, Process, Said } from "./lifecycle-run.testing.ts";
import type { Step } from "./lifecycle-step.testing.ts";
import { predictCompletion } from "./predict-completion.testing.ts";
import { predictFileChange } from "./predict-file-changes.testing.ts";
import {
  bytesOfPart,
  filmPartBytes,
  predictAbort,
  predictCreate,
  predictMintParts,
  predictRemint,
  predictTurn,
} from "./predict-sending.testing.ts";
import { predictReconcile, predictStoreEvent, predictSweep } from "./predict-sweeping.testing.ts";
import { predictWork } from "./predict-verification.testing.ts";
import { WatchedProcess } from "./watched-process.testing.ts";

/** A use case that is about to run, and what the model says of it. */
interface Started {
  readonly process: Process;
  readonly work: () => Promise<Said<PresignedRequest>>;
  readonly upload: ModelUpload | undefined;
  claim(): { readonly uploadId: string; readonly attempt: number } | undefined;
}

type Taken = Exclude<Step, { do: "wait" | "skew" | "put" | "swap" | "wake" | "kill" | "renew" }>;
type Real = Said<PresignedRequest>;

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
    case "create": {
      const content = run.newContent(step);
      const { ref } = step;
      const isFilm = content.type === "video/mp4";
      const isAllowed = isFilm || step.nature !== "not-allowed";
      const isSilent = isFilm && step.silent;
      const intent = { content, ref, isSilent, isAllowed };
      return begin(step.who, undefined, predictCreate(model, step.who, intent), (services, person) =>
        isFilm
          ? announceFilm(services, person, content, ref, isSilent)
          : announce(services, person, content, ref, isAllowed),
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
        const { outcome } = await processUpload({ ...services, inspector }, upload);
        if (outcome !== "rejected") return { said: outcome };
        const row = await services.metadata.findUpload(upload.id);
        return { said: `rejected ${row?.rejection?.code}` };
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

const answerOf = ({
  upload,
  request,
}: {
  readonly upload: { readonly state: string };
  readonly request?: PresignedRequest;
}): Real => ({ said: upload.state, ...(request ? { requests: [request] } : {}) });

const digestFor = (which: "none" | "right" | "other", { content }: ModelUpload): string | undefined =>
  which === "none" ? undefined : which === "right" ? digestOf(content) : sha256Of(Buffer.from("other"));

async function announce(
  services: ServicePorts,
  person: Principal,
  content: Content,
  ref: string | undefined,
  isAllowed: boolean,
): Promise<Real> {
  const [answer] = await createUploads(services, person, [
    {
      ref,
      name: nameOf(content),
      sizeBytes: content.sizeBytes,
      contentType: isAllowed ? content.type : "text/html",
      sha256: sha256Of(bytesOf(content)),
    },
  ]);
  if (!answer) throw new Error("There was no answer.");
  return "refusal" in answer ? { said: answer.refusal.code } : answerOf(answer);
}

/**
 * What `createUploads` does for a file that is too large for one PUT; with parts of S3's smallest size, so that such a
 * file need not be larger than that.
 */
async function announceFilm(
  { metadata, ids, limits }: ServicePorts,
  person: Principal,
  content: Content,
  ref: string | undefined,
  isSilent: boolean,
): Promise<Real> {
  const storagePrefix = newStoragePrefix(ids);
  const [outcome] = await metadata.createUploads({
    ownerId: person.id,
    quotaBytes: limits.quotaBytes,
    maxOpenUploads: limits.openUploads,
    uploadLifetimeMs: limits.uploadLifetimeSeconds * 1000,
    urlLifetimeMs: limits.urlLifetimeSeconds * 1000,
    items: [
      {
        id: ids.newId(),
        fileId: ids.newId(),
        ...(ref === undefined ? {} : { ref }),
        name: nameOf(content),
        sizeBytes: content.sizeBytes,
        contentType: content.type,
        ...(isSilent ? {} : { sha256: digestOf(content) }),
        profile: "default",
        metadata: {},
        landingKey: multipartKey({ storagePrefix }),
        storagePrefix,
        multipart: { partSizeBytes: filmPartBytes },
      },
    ],
  });
  if (!outcome) throw new Error("There was no answer.");
  return {
    said: "upload" in outcome && outcome.outcome !== "ref-reused" ? outcome.upload.state : outcome.outcome,
  };
}

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
