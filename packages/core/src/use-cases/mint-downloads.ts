import { contentDisposition } from "../content-disposition.ts";
import { contentTypeGivenOut } from "../content-type-given-out.ts";
import { derivativeFileName } from "../derivative-file-name.ts";
import type { FileRecord, FileVersionRecord, VersionFacts } from "../file.ts";
import { nameForContent } from "../name-extension.ts";
import { decideAccess, type Principal } from "../policy/decide-access.ts";
import type { PresignedRequest } from "../ports/object-store.ts";
import { notFound, type Refusal } from "../refusal.ts";
import type { ServicePorts } from "./ports.ts";

export interface DownloadRequest {
  readonly id: string;
  readonly version?: number | undefined;
  /** `original` by default. */
  readonly derivative?: string | undefined;
  /** `attachment` by default. */
  readonly disposition?: "inline" | "attachment" | undefined;
}

export type DownloadAnswer = { readonly request: PresignedRequest } | { readonly refusal: Refusal };

type DownloadPorts = Pick<ServicePorts, "metadata" | "objects" | "clock" | "limits">;

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
  const files = new Map(
    (await ports.metadata.findFiles([...new Set(requests.map(({ id }) => id))])).map((file) => [
      file.id,
      file,
    ]),
  );
  const visible = requests.map(({ id }) => {
    const file = files.get(id);
    return file && decideAccess(principal, "read", { kind: "file", ownerId: file.ownerId }).allowed
      ? file
      : undefined;
  });
  const others = await findOthers(ports, requests, visible);
  return requests.map((request, index) => {
    const file = visible[index];
    return file ? mintDownload(ports, file, others, request) : { refusal: notFound };
  });
}

/** Versions that are asked for and not current, of files whose content is given out. */
async function findOthers(
  { metadata }: DownloadPorts,
  requests: readonly DownloadRequest[],
  visible: readonly (FileRecord | undefined)[],
): Promise<readonly FileVersionRecord[]> {
  const wanted = requests.flatMap(({ id, version }, index) => {
    const file = visible[index];
    const isOther = file?.state === "ready" && version !== undefined && version !== file.version;
    return isOther ? [{ fileId: id, version }] : [];
  });
  return wanted.length === 0 ? [] : metadata.findFileVersions(wanted);
}

function mintDownload(
  ports: DownloadPorts,
  file: FileRecord,
  others: readonly FileVersionRecord[],
  request: DownloadRequest,
): DownloadAnswer {
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
  const name = request.derivative ?? "original";
  if (name === "original") {
    const { key, contentType } = asked;
    const inline =
      request.disposition === "inline" &&
      ports.objects.capabilities.setsSecurityHeaders &&
      inlineTypes.has(contentType);
    const fileName = nameForContent(asked.name, contentType);
    return { request: presign(ports, key, contentType, inline ? "inline" : "attachment", fileName) };
  }
  const derivative = asked.derivatives.find((made) => made.name === name);
  if (!derivative)
    return {
      refusal: { code: "not-found", detail: `This file has no derivative "${name}".` },
    };
  return {
    request: presign(
      ports,
      derivative.key,
      derivative.contentType,
      request.disposition ?? "inline",
      derivativeFileName(asked.name, derivative),
    ),
  };
}

function presign(
  { objects, clock, limits }: DownloadPorts,
  key: string,
  contentType: string,
  disposition: "inline" | "attachment",
  name: string,
): PresignedRequest {
  const lifeSeconds = limits.urlLifetimeSeconds;
  const windowMs = Math.max(1, Math.floor(lifeSeconds * windowShare)) * 1000;
  const signedAtMs = Math.floor(clock.nowMs() / windowMs) * windowMs;
  return objects.presignGet({
    key,
    signedAtMs,
    expiresInSeconds: lifeSeconds,
    responseContentType: contentTypeGivenOut(contentType),
    responseContentDisposition: contentDisposition(disposition, name),
    // What is left of its life for whoever gets it last in the window: the URL, and so this, is the same for all.
    responseCacheControl: `private, max-age=${Math.max(0, lifeSeconds - windowMs / 1000)}, immutable`,
  });
}
