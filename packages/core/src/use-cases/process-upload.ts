import { activeContentInWords } from "../active-content.ts";
import { madeAsOf, orderDerivatives, unreadableAim } from "../derivative-order.ts";
import type { DerivativeRecord, VersionFacts } from "../file.ts";
import { contentKey, derivativeKey, multipartKey } from "../keys.ts";
import { lateWriterMs, maxFailedAttempts, maxLostClaims } from "../limits.ts";
import { typeContradictedBy } from "../name-extension.ts";
import type { Clock } from "../ports/clock.ts";
import {
  type DerivativeOrder,
  type DocumentFacts,
  type ImageFacts,
  type Inspection,
  type InspectionRequest,
  type Inspector,
  InspectorUnavailableError,
  type VideoFacts,
} from "../ports/inspector.ts";
import { type DoomedObject, type MetadataStore, MetadataUnavailableError } from "../ports/metadata-store.ts";
import { type ObjectStore, StoreRefusedError, StoreUnavailableError } from "../ports/object-store.ts";
import { type Scanner, type ScannerFailure, ScannerUnavailableError } from "../ports/scanner.ts";
import type { FinishResult } from "../ports/upload-commands.ts";
import type { Profile } from "../profile.ts";
import type { Metadata, UploadRecord } from "../upload.ts";
import { type Inspected, inspectAndScan } from "./inspect-and-scan.ts";
import { isOutage } from "./is-outage.ts";
import { durationInWords } from "./timeline-words.ts";
import { isUnreadable, ObjectUnreadableError, watchReads } from "./watch-reads.ts";

/** What the worker needs to verify an upload. */
export interface WorkerPorts {
  readonly metadata: MetadataStore;
  readonly objects: ObjectStore;
  readonly inspector: Inspector;
  /** Every file must be called clean by it. Nothing: none is scanned, and each timeline says so. */
  readonly scanner: Scanner | undefined;
  readonly clock: Clock;
  readonly profiles: ReadonlyMap<string, Profile>;
}

export type ProcessOutcome =
  | { readonly outcome: "ready" | "rejected"; readonly detail: string }
  /** Another worker has taken it over: what was done here changes nothing. */
  | { readonly outcome: "stale" }
  /** Given back, to be claimed again after a while. */
  | { readonly outcome: "postponed"; readonly detail: string; readonly cause: unknown };

/** Longest wait before an upload whose verification was postponed is claimed again. */
const longestRetryMs = 60_000;

/**
 * Wait before what can't be read whole is read again. Five of them are the better part of an hour: a store that fails
 * for a while, and only at reading, costs nobody a file; damage comes to an end all the same.
 */
const unreadableRetryMs = 10 * 60_000;

/** A PUT that began while its URL lived may end a little after it. */
const landingGraceMs = 60_000;

/**
 * Promotes and verifies an upload that was just claimed: copies the landing object to a private key named for this
 * attempt, reads only that copy, once, and writes the verdict if the claim is still held. A multipart is on its private
 * key already, where nothing can be written since it was completed: it is read and stays there, whatever its size.
 * Idempotent: each attempt has its own keys, and whatever a dead one left is doomed by the one that finishes.
 *
 * @param upload as `claimUpload` answered it
 * @param signal aborted where the claim is lost or the worker stops
 */
export async function processUpload(
  ports: WorkerPorts,
  upload: UploadRecord,
  signal?: AbortSignal,
): Promise<ProcessOutcome> {
  const { metadata } = ports;
  let result: FinishResult;
  try {
    result = exhausted(upload) ?? (await verify(ports, upload, signal));
  } catch (error) {
    if (error instanceof MetadataUnavailableError) throw error;
    const isDamage = error instanceof ObjectUnreadableError;
    const outage = isOutage(error) || signal?.aborted === true;
    const retryInMs = isDamage
      ? unreadableRetryMs
      : Math.min(longestRetryMs, 1000 * 2 ** Math.min(upload.attempt, 10));
    const detail = postponedInWords(error, signal?.aborted === true, retryInMs);
    const held = await metadata.releaseClaim({
      uploadId: upload.id,
      attempt: upload.attempt,
      retryInMs,
      consumed: !outage,
      detail,
    });
    return held ? { outcome: "postponed", detail, cause: error } : { outcome: "stale" };
  }
  const finish = (verdict: FinishResult) =>
    metadata.finishUpload({
      uploadId: upload.id,
      attempt: upload.attempt,
      result: verdict,
      dooms: doomsOf(ports, upload, verdict),
    });
  let finished = await finish(result);
  if (finished === "not-in-album") {
    result = notInAlbum;
    finished = await finish(result);
  }
  if (finished === "stale") return { outcome: "stale" };
  return result.kind === "ready"
    ? { outcome: "ready", detail: result.detail }
    : { outcome: "rejected", detail: result.rejection.detail };
}

function postponedInWords(error: unknown, isStopped: boolean, retryInMs: number): string {
  const again = `again in ${durationInWords(retryInMs)}.`;
  if (error instanceof ObjectUnreadableError)
    return `The storage does not give out all of the bytes that were sent; ${again}`;
  if (isStopped) return `Checking was broken off, since the worker stops; ${again}`;
  if (error instanceof StoreUnavailableError)
    return `Checking has to wait: the storage does not answer; ${again}`;
  if (error instanceof StoreRefusedError)
    return `Checking has to wait: the storage refuses what it is asked; ${again}`;
  if (error instanceof ScannerUnavailableError)
    return `Checking has to wait: the malware scanner ${scannerFailuresInWords[error.failure]}; ${again}`;
  if (error instanceof InspectorUnavailableError)
    return `Checking has to wait: the checker can't run, or its source broke off; ${again}`;
  return `Checking failed, for no reason that lies in the file; ${again}`;
}

const scannerFailuresInWords: Readonly<Record<ScannerFailure, string>> = {
  unreachable: "can't be reached",
  timeout: "does not answer in time",
  "too-large": "takes no file of this size",
  failed: "could not say what this file is",
  aborted: "was interrupted",
};

/** Why it is not tried again. */
function exhausted({ failedAttempts, lostClaims }: UploadRecord): FinishResult | undefined {
  const detail =
    failedAttempts > maxFailedAttempts
      ? `Checking this file failed ${failedAttempts - 1} times; it was given up.`
      : lostClaims >= maxLostClaims
        ? `Checking this file was broken off ${lostClaims} times, the worker having ended in the middle; it was given up.`
        : undefined;
  return detail === undefined
    ? undefined
    : { kind: "rejected", rejection: { code: "processing-failed", detail } };
}

/** @throws ObjectUnreadableError where the bytes are there and damaged, which no waiting mends */
async function verify(
  ports: WorkerPorts,
  upload: UploadRecord,
  signal: AbortSignal | undefined,
): Promise<FinishResult> {
  const reads = watchReads(ports.objects);
  try {
    return await inspectObject(ports, reads, upload, signal);
  } catch (error) {
    const key = reads.failedKey();
    if (key === undefined || !isOutage(error) || signal?.aborted) throw error;
    if (!(await isUnreadable(ports.objects, key, signal))) throw error;
    throw new ObjectUnreadableError(`The store lists ${key}, and never gives it out whole.`, {
      cause: error,
    });
  }
}

async function inspectObject(
  { metadata, objects, inspector, scanner, profiles }: WorkerPorts,
  reads: Pick<ObjectStore, "get" | "copy">,
  upload: UploadRecord,
  signal: AbortSignal | undefined,
): Promise<FinishResult> {
  const { multipart } = upload;
  const key = multipart ? multipartKey(upload) : contentKey(upload, upload.attempt);
  if (!multipart && (await reads.copy({ from: upload.landingKey, to: key })) === "missing") return lost;
  const declaredParts =
    multipart && upload.sha256 === undefined ? await metadata.listDeclaredParts(upload.id) : undefined;
  const object = await reads.get(key, signal ? { signal } : {});
  if (!object) return lost;
  const profile = profiles.get(upload.profile);
  const specs = profile?.derivatives.filter(({ make }) => make !== "ask") ?? [];
  const orders = orderDerivatives(specs, upload.metadata);
  const request: InspectionRequest = {
    body: object.body,
    declaredContentType: upload.contentType,
    declaredSizeBytes: upload.sizeBytes,
    ...(upload.sha256 === undefined ? {} : { declaredSha256: upload.sha256 }),
    ...(multipart && declaredParts
      ? {
          declaredParts: {
            sizeBytes: multipart.partSizeBytes,
            sha256s: declaredParts.map(({ sha256 }) => sha256),
          },
        }
      : {}),
    allowedContentTypes: profile ? [...profile.maxSizeBytesByType.keys()] : [upload.contentType],
    derivatives: orders,
    ...(signal ? { signal } : {}),
  };
  const { inspection, scanner: scannedBy }: Inspected = scanner
    ? await inspectAndScan(inspector, scanner, request)
    : { inspection: await inspector.inspect(request) };
  if (inspection.verdict === "rejected")
    return { kind: "rejected", rejection: { code: inspection.code, detail: inspection.detail } };
  const refusal = profile?.activeContent === "reject" ? refuseActiveContent(inspection) : undefined;
  if (refusal) return refusal;
  const contradicted = typeContradictedBy(upload.name, inspection.contentType);
  if (contradicted !== undefined) return misnamed(inspection.contentType, contradicted);
  const derivatives = await storeDerivatives(objects, upload, inspection, orders);
  return {
    kind: "ready",
    facts: { ...factsOf(key, inspection, derivatives), profile: upload.profile },
    detail: [
      checkedInWords(inspection, declaredParts !== undefined),
      ...aimlessInWords(orders, upload.metadata),
      scannedInWords(scannedBy),
    ].join(" "),
  };
}

/** What can't be looked into is refused with what was found: nobody could say what is in it. */
function refuseActiveContent({
  activeContent,
  document,
}: Inspection & { verdict: "accepted" }): FinishResult | undefined {
  const notTaken = "Files with active content are not taken here.";
  const detail = activeContent
    ? `The file contains ${activeContentInWords(activeContent)}. ${notTaken}`
    : document?.passwordProtected
      ? `The file is protected by a password, and may contain anything. ${notTaken}`
      : undefined;
  return detail === undefined
    ? undefined
    : { kind: "rejected", rejection: { code: "active-content", detail } };
}

function checkedInWords(
  {
    contentType,
    sizeBytes,
    document,
    video,
    activeContent,
    derivatives,
  }: Inspection & { verdict: "accepted" },
  inParts: boolean,
): string {
  const { pageCount } = document ?? {};
  const facts = [
    contentType,
    ...(pageCount === undefined ? [] : [pageCount === 1 ? "1 page" : `${pageCount} pages`]),
    ...(video?.durationMs === undefined ? [] : [durationInWords(video.durationMs)]),
    `${sizeBytes} bytes`,
    `SHA-256 ${inParts ? "of every part " : ""}as declared`,
  ];
  const active = activeContent
    ? [`It contains ${activeContentInWords(activeContent)}: nothing of that is run here.`]
    : [];
  return [
    `Checked: ${facts.join(", ")}.`,
    ...active,
    ...withoutPicturesInWords(document),
    ...ofFrameInWords(video, derivatives),
  ].join(" ");
}

const reasonsWithoutFrame = {
  timeout: "taking one takes too long",
  memory: "taking one takes too much memory",
  failed: "taking one failed",
  "no-frame": "none can be taken of it",
} as const;

/** What a film's pictures are of, or why it has none where it was to have them. */
function ofFrameInWords(video: VideoFacts | undefined, derivatives: readonly unknown[]): string[] {
  if (video?.undrawn) return [`It has no picture: ${reasonsWithoutFrame[video.undrawn]}.`];
  return video && derivatives.length > 0 ? ["Its picture is one of its frames."] : [];
}

/** Where a crop was asked for in a way that is not understood. */
function aimlessInWords(orders: readonly DerivativeOrder[], metadata: Metadata): string[] {
  const unreadable = orders.some(({ fit }) => fit === "cover") ? unreadableAim(metadata) : [];
  return unreadable.length === 0
    ? []
    : [
        `Its pictures are cropped without regard to ${unreadable.join(" and ")} in the metadata, not being fractions from 0 to 1.`,
      ];
}

const scannedInWords = (scanner: string | undefined): string =>
  scanner === undefined
    ? "Not scanned for malware: no scanner is configured."
    : `Scanned for malware, and none found (${scanner}).`;

const reasonsUndrawn = {
  timeout: "takes too long to draw",
  memory: "takes too much memory to draw",
  failed: "can't be drawn",
} as const;

/** Why a document that is sound has no thumbnail. */
function withoutPicturesInWords(document: DocumentFacts | undefined): string[] {
  if (document?.passwordProtected)
    return ["It is protected by a password: its pages can't be counted or shown."];
  return document?.undrawn
    ? [`Its first page ${reasonsUndrawn[document.undrawn]}: it has no thumbnail.`]
    : [];
}

const misnamed = (contentType: string, named: string): FinishResult => ({
  kind: "rejected",
  rejection: {
    code: "type-mismatch",
    detail: `The file's name ends like one of type ${named}, but its content is ${contentType}.`,
  },
});

/**
 * Nobody is shown before its time what was sent to be sealed, and a guest has no place of their own. The list of codes is closed, and
 * this one says of all that it was not the file's fault.
 */
const notInAlbum: FinishResult & { readonly kind: "rejected" } = {
  kind: "rejected",
  rejection: {
    code: "processing-failed",
    detail: "You may not add to the album any more that this was sent to, or it is gone.",
  },
};

const lost: FinishResult = {
  kind: "rejected",
  rejection: { code: "processing-failed", detail: "The storage no longer has the bytes that were sent." },
};

async function storeDerivatives(
  objects: ObjectStore,
  upload: UploadRecord,
  inspection: Inspection & { verdict: "accepted" },
  orders: readonly DerivativeOrder[],
): Promise<DerivativeRecord[]> {
  return Promise.all(
    inspection.derivatives.map(async (made) => {
      const key = derivativeKey(upload, upload.attempt, made.name);
      const order = orders.find(({ name }) => name === made.name);
      await objects.put({ key, body: made.bytes, contentType: made.contentType, sha256: made.sha256 });
      return {
        name: made.name,
        key,
        contentType: made.contentType,
        width: made.width,
        height: made.height,
        sizeBytes: made.bytes.byteLength,
        sha256: made.sha256,
        ...(order ? { madeAs: madeAsOf(order) } : {}),
      };
    }),
  );
}

function factsOf(
  key: string,
  {
    sizeBytes,
    sha256,
    contentType,
    image,
    document,
    video,
    activeContent,
    rendition,
  }: Inspection & {
    verdict: "accepted";
  },
  derivatives: readonly DerivativeRecord[],
): VersionFacts {
  const thumbhash = image?.thumbhash ?? document?.thumbhash ?? video?.thumbhash;
  const takenAtMs = image?.takenAt === undefined ? Number.NaN : Date.parse(image.takenAt);
  return {
    key,
    sizeBytes,
    sha256,
    contentType,
    ...sizeOf(image ?? video),
    ...(thumbhash === undefined ? {} : { thumbhash }),
    ...(Number.isNaN(takenAtMs) ? {} : { takenAtMs }),
    ...(document?.pageCount === undefined ? {} : { pageCount: document.pageCount }),
    ...(document?.passwordProtected ? { passwordProtected: true } : {}),
    ...(video?.durationMs === undefined ? {} : { durationMs: video.durationMs }),
    ...(activeContent ? { activeContent } : {}),
    ...(rendition ? { rendition } : {}),
    derivatives,
  };
}

const sizeOf = (shown: ImageFacts | VideoFacts | undefined): Pick<VersionFacts, "width" | "height"> =>
  shown?.width === undefined || shown.height === undefined
    ? {}
    : { width: shown.width, height: shown.height };

/**
 * All that nothing needs once this attempt has finished: the landing object, and what other attempts wrote. (A
 * multipart's landing object is what is served, unless it was rejected.)
 */
function doomsOf(
  { clock, profiles }: WorkerPorts,
  upload: UploadRecord,
  result: FinishResult,
): DoomedObject[] {
  const nowMs = clock.nowMs();
  const names = profiles.get(upload.profile)?.derivatives.map(({ name }) => name) ?? [];
  const keysOf = (attempt: number) => [
    ...(upload.multipart ? [] : [contentKey(upload, attempt)]),
    ...names.map((name) => derivativeKey(upload, attempt, name)),
  ];
  const earlier = Array.from({ length: upload.attempt - 1 }, (_, index) => keysOf(index + 1)).flat();
  const own = result.kind === "rejected" ? keysOf(upload.attempt) : [];
  const landed: DoomedObject[] = !upload.multipart
    ? // Kept while a URL for it may live: with nothing there, a second PUT would be let in.
      [{ key: upload.landingKey, notBeforeMs: upload.urlsUntilMs + landingGraceMs }]
    : result.kind === "rejected"
      ? [{ key: upload.landingKey, notBeforeMs: nowMs }]
      : [];
  return [
    ...landed,
    ...earlier.map((key) => ({ key, notBeforeMs: nowMs + lateWriterMs })),
    ...own.map((key) => ({ key, notBeforeMs: nowMs })),
  ];
}
