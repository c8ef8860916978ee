import { contentDisposition } from "../content-disposition.ts";
import { contentTypeGivenOut } from "../content-type-given-out.ts";
import { derivativeFileName } from "../derivative-file-name.ts";
import type { DerivativeRecord, FileVersionRecord, VersionFacts } from "../file.ts";
import {
  maxDerivativeMakesPerVersion,
  maxWaitingDerivativesByOthers,
  maxWaitingDerivativesPerPerson,
} from "../limits.ts";
import { nameForContent } from "../name-extension.ts";
import type { Principal } from "../policy/principal.ts";
import type { AskDerivativeOutcome, OrderedDerivative } from "../ports/derivative-commands.ts";
import type { PresignedRequest } from "../ports/object-store.ts";
import { notFound, type Refusal } from "../refusal.ts";
import { knownRendition, renditionMadeAs, renditionName } from "../rendition.ts";
import { findVisibleFiles, type VisibleFile } from "./get-file.ts";
import type { ServicePorts } from "./ports.ts";
import { derivativeSourceOf, findSpec, orderOf } from "./wanted-derivatives.ts";

export interface DownloadRequest {
  readonly id: string;
  readonly version?: number | undefined;
  /** `original` by default. */
  readonly derivative?: string | undefined;
  /** Of a document, from 1: the derivative of that page. Default: the first. */
  readonly page?: number | undefined;
  /** `attachment` by default. */
  readonly disposition?: "inline" | "attachment" | undefined;
}

export type DownloadAnswer = { readonly request: PresignedRequest } | { readonly refusal: Refusal };

type DownloadPorts = Pick<
  ServicePorts,
  "metadata" | "objects" | "clock" | "limits" | "profiles" | "drawsVideos" | "wakeWorker"
>;

/**
 * GETs of one version within a window get the same URL, so that a browser's cache may know it again. The window is
 * two fifths of a URL's life: 240 s of 600.
 */
const windowShare = 0.4;

/** Originals that a browser shows without running anything, where the store says `nosniff` and sandboxes. */
const inlineTypes: ReadonlySet<string> = new Set([
  "image/jpeg",
  "image/png",
  "image/webp",
  "image/gif",
  "image/avif",
]);

/**
 * Presigned GETs, in the order asked; each is decided on its own. Only what is `ready` is given out. The current version
 * has the file's name, another one that under which it was sent.
 */
export async function mintDownloads(
  ports: DownloadPorts,
  principal: Principal,
  requests: readonly DownloadRequest[],
): Promise<DownloadAnswer[]> {
  const files = await findVisibleFiles(
    ports,
    principal,
    requests.map(({ id }) => id),
  );
  const visible = requests.map(({ id }) => files.get(id));
  const others = await findOthers(ports, requests, visible);
  const decided = requests.map((request, index) => {
    const seen = visible[index];
    return seen ? decideDownload(ports, seen, others, request) : { refusal: notFound };
  });
  const asked = await askFor(
    ports,
    principal,
    decided.flatMap((each, index) =>
      "order" in each ? [{ order: each.order, isOwn: visible[index]?.isOwn ?? false }] : [],
    ),
  );
  return decided.map((each) => {
    if (!("order" in each)) return each;
    const answer = asked.get(each.order);
    return answer?.outcome === "made"
      ? each.give(answer.derivative)
      : { refusal: refusalOf(answer ?? { outcome: "missing" }) };
  });
}

/**
 * What is not there yet is asked of the worker: this process never sees a byte of it. It waits in the queue of the file's owner, whoever
 * asks; what others ask for never fills that.
 */
async function askFor(
  { metadata, wakeWorker }: DownloadPorts,
  principal: Principal,
  asked: readonly { readonly order: OrderedDerivative; readonly isOwn: boolean }[],
): Promise<ReadonlyMap<OrderedDerivative, AskDerivativeOutcome>> {
  const answers = new Map<OrderedDerivative, AskDerivativeOutcome>();
  for (const own of [true, false]) {
    const orders = asked.flatMap(({ order, isOwn }) => (isOwn === own ? [order] : []));
    if (orders.length === 0) continue;
    const outcomes = await metadata.askDerivatives({
      actor: { principalId: principal.id },
      orders,
      maxPerVersion: maxDerivativeMakesPerVersion,
      maxWaitingPerOwner: own ? maxWaitingDerivativesPerPerson : maxWaitingDerivativesByOthers,
    });
    for (const [index, outcome] of outcomes.entries()) {
      const order = orders[index];
      if (order) answers.set(order, outcome);
    }
    if (outcomes.some(({ outcome }) => outcome === "asked")) wakeWorker();
  }
  return answers;
}

function refusalOf(answer: Exclude<AskDerivativeOutcome, { readonly outcome: "made" }>): Refusal {
  switch (answer.outcome) {
    case "asked":
    case "waiting":
      return {
        code: "derivative-pending",
        detail: "It is being made, since nobody has asked for it before: ask again in a moment.",
      };
    case "too-many":
      return {
        code: "rate-limited",
        detail:
          "Too many derivatives of its owner's files are being made, or were made of this version: ask again later.",
      };
    case "failed":
      return { code: "not-found", detail: `It could not be made. ${answer.detail}` };
    case "missing":
      return notFound;
  }
}

/** Versions that are asked for and not current, of files whose content is given out: to their owners alone. */
async function findOthers(
  { metadata }: DownloadPorts,
  requests: readonly DownloadRequest[],
  visible: readonly (VisibleFile | undefined)[],
): Promise<readonly FileVersionRecord[]> {
  const wanted = requests.flatMap(({ id, version }, index) => {
    const { file, isOwn = false } = visible[index] ?? {};
    const isOther = isOwn && file?.state === "ready" && version !== undefined && version !== file.version;
    return isOther ? [{ fileId: id, version }] : [];
  });
  return wanted.length === 0 ? [] : metadata.findFileVersions(wanted);
}

/** An answer, or what has to be asked of the worker and how it is given out once it is there. */
type DecidedDownload =
  | DownloadAnswer
  | { readonly order: OrderedDerivative; give(derivative: DerivativeRecord): DownloadAnswer };

function decideDownload(
  ports: DownloadPorts,
  { file, isOwn, decision: { endsAtMs } }: VisibleFile,
  others: readonly FileVersionRecord[],
  request: DownloadRequest,
): DecidedDownload {
  if (file.state !== "ready")
    return {
      refusal: { code: "not-found", detail: `The file is ${file.state}: its content is not given out.` },
    };
  const { version = file.version } = request;
  const asked: (VersionFacts & { readonly name: string }) | undefined =
    version === file.version
      ? { ...file.current, name: file.name }
      : others.find((other) => other.fileId === file.id && other.version === version);
  if (!asked) return { refusal: notFound };
  const original = isOwn || file.sharesOriginal ? "original" : renditionName;
  const asSaid = request.derivative ?? "original";
  const name = asSaid === "original" ? original : asSaid;
  // The first page's picture is the one that the version has.
  const page = request.page === undefined || request.page === 1 ? 0 : request.page;
  if (
    request.page !== undefined &&
    (name === "original" || name === renditionName || !hasPage(asked, request.page))
  )
    return { refusal: { code: "not-found", detail: `There is no page ${request.page} of that.` } };
  // As the original is given: what is inside is still somebody else's.
  const giveBytes = (key: string): DownloadAnswer => {
    const { contentType } = asked;
    const inline =
      request.disposition === "inline" &&
      ports.objects.capabilities.setsSecurityHeaders &&
      inlineTypes.has(contentType);
    const fileName = nameForContent(asked.name, contentType);
    return presign(ports, { key, contentType, endsAtMs }, inline ? "inline" : "attachment", fileName);
  };
  if (name === "original") return giveBytes(asked.key);
  if (name === renditionName) {
    const { kind } = knownRendition(asked) ?? {};
    if (kind === "original") return giveBytes(asked.key);
    if (kind === "none") return { refusal: noRendition };
    const made = asked.derivatives.find((each) => each.name === name && each.madeAs === renditionMadeAs);
    if (made && kind === "stripped") return giveBytes(made.key);
    const order = { fileId: file.id, version, name, page: 0, madeAs: renditionMadeAs };
    return { order, give: ({ key }) => giveBytes(key) };
  }
  const give = ({ key, contentType }: DerivativeRecord): DownloadAnswer =>
    presign(
      ports,
      { key, contentType, endsAtMs },
      request.disposition ?? "inline",
      derivativeFileName(asked.name, { name, contentType, ...(page === 0 ? {} : { page }) }),
    );
  const derivative = page === 0 ? asked.derivatives.find((made) => made.name === name) : undefined;
  if (derivative) return give(derivative);
  const spec = findSpec(ports, asked, name);
  return spec
    ? { order: orderOf(spec, { fileId: file.id, version }, file.metadata, page), give }
    : { refusal: { code: "not-found", detail: `This file has no derivative "${name}".` } };
}

const noRendition: Refusal = {
  code: "not-found",
  detail: "Others get pictures of this file alone: what else it holds can't be told.",
};

const hasPage = (facts: VersionFacts, page: number): boolean =>
  derivativeSourceOf(facts) === "document" && page >= 1 && page <= (facts.pageCount ?? 1);

/** No URL outlives the right that it was minted by; one that has an end is signed now, and is nobody else's. */
function presign(
  { objects, clock, limits }: DownloadPorts,
  given: { readonly key: string; readonly contentType: string; readonly endsAtMs: number | undefined },
  disposition: "inline" | "attachment",
  name: string,
): DownloadAnswer {
  const nowMs = clock.nowMs();
  const lifeSeconds = limits.urlLifetimeSeconds;
  const leftSeconds =
    given.endsAtMs === undefined ? Number.POSITIVE_INFINITY : Math.floor((given.endsAtMs - nowMs) / 1000);
  if (leftSeconds < 1) return { refusal: notFound };
  const windowMs =
    leftSeconds < Number.POSITIVE_INFINITY ? 1000 : Math.max(1, Math.floor(lifeSeconds * windowShare)) * 1000;
  const expiresInSeconds = Math.min(lifeSeconds, leftSeconds);
  const request = objects.presignGet({
    key: given.key,
    signedAtMs: Math.floor(nowMs / windowMs) * windowMs,
    expiresInSeconds,
    responseContentType: contentTypeGivenOut(given.contentType),
    responseContentDisposition: contentDisposition(disposition, name),
    // What is left of its life for whoever gets it last in the window: the URL, and so this, is the same for all.
    responseCacheControl: `private, max-age=${Math.max(0, expiresInSeconds - windowMs / 1000)}, immutable`,
  });
  return { request };
}
