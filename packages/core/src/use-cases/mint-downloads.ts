import { contentDisposition } from "../content-disposition.ts";
import type { FileRecord } from "../file.ts";
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

/** Presigned GETs, in the order asked; each is decided on its own. Only what is `ready` is given out. */
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
  return requests.map((request) => {
    const file = files.get(request.id);
    if (!file || !decideAccess(principal, "read", { kind: "file", ownerId: file.ownerId }).allowed)
      return { refusal: notFound };
    return mintDownload(ports, file, request);
  });
}

function mintDownload(ports: DownloadPorts, file: FileRecord, request: DownloadRequest): DownloadAnswer {
  if (file.state !== "ready")
    return {
      refusal: { code: "not-found", detail: `The file is ${file.state}: its content is not given out.` },
    };
  if (request.version !== undefined && request.version !== file.version) return { refusal: notFound };
  const name = request.derivative ?? "original";
  if (name === "original") {
    const { key, contentType } = file.current;
    const inline =
      request.disposition === "inline" &&
      ports.objects.capabilities.setsSecurityHeaders &&
      inlineTypes.has(contentType);
    return { request: presign(ports, key, contentType, inline ? "inline" : "attachment", file.name) };
  }
  const derivative = file.current.derivatives.find((made) => made.name === name);
  if (!derivative)
    return {
      refusal: { code: "not-found", detail: `This file has no derivative "${name}".` },
    };
  const stem = file.name.replace(/\.[A-Za-z0-9]{1,8}$/, "");
  return {
    request: presign(
      ports,
      derivative.key,
      derivative.contentType,
      request.disposition ?? "inline",
      `${stem}-${name}.webp`,
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
    responseContentType: contentType,
    responseContentDisposition: contentDisposition(disposition, name),
    // What is left of its life for whoever gets it last in the window: the URL, and so this, is the same for all.
    responseCacheControl: `private, max-age=${Math.max(0, lifeSeconds - windowMs / 1000)}, immutable`,
  });
}
