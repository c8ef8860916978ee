import type { WireRequest } from "@stowage/protocol";
import type { Files } from "../files.ts";
import type { Clock } from "../ports.ts";

export interface UrlOptions {
  /** Default `original`. */
  readonly derivative?: string;
  /** Default: the current one. */
  readonly version?: number;
  /** Default `attachment` for originals, `inline` for pictures that the server made. */
  readonly disposition?: "inline" | "attachment";
}

export interface PresignedUrl {
  readonly url: string;
  /** How long it can be used from now on: another is given before that. */
  readonly expiresInMs: number;
}

/** Of a URL's life, what has to be left of it when it is given out: what is begun by it has to get there. */
const shareLeft = 0.2;

interface Needs {
  readonly files: Files;
  readonly clock: Clock;
  /** Milliseconds by the device's clock. */
  wallMs(): number;
}

/** Presigned URLs, each asked for once and given out until shortly before its end. */
export function createRenewedUrls({ files, clock, wallMs }: Needs) {
  const minted = new Map<string, { readonly fileId: string; readonly url: Promise<MintedUrl> }>();

  const mint = async (fileId: string, options: UrlOptions): Promise<MintedUrl> => {
    // From before it was asked for: none is believed to live longer than it does.
    const asked = { clockMs: clock.nowMs(), wallMs: wallMs() };
    return { request: await files.download(fileId, options), asked };
  };
  /** By the clock that says more: a program's own may stand still while its device sleeps, the device's may be set back. */
  const ageMs = ({ asked }: MintedUrl) => Math.max(clock.nowMs() - asked.clockMs, wallMs() - asked.wallMs);

  return {
    /** @throws ProblemError `not-found` */
    async url(fileId: string, options: UrlOptions = {}): Promise<PresignedUrl> {
      const { derivative, version, disposition } = options;
      const key = JSON.stringify([fileId, derivative, version, disposition]);
      for (;;) {
        const entry = minted.get(key) ?? { fileId, url: mint(fileId, options) };
        minted.set(key, entry);
        try {
          const found = await entry.url;
          const passedMs = ageMs(found);
          const expiresInMs = found.request.expiresInSeconds * 1000 - passedMs;
          // One that comes with next to no life is all there is: its right ends.
          const isFresh = passedMs < 1000;
          if (isFresh || expiresInMs > found.request.expiresInSeconds * 1000 * shareLeft)
            return { url: found.request.url, expiresInMs };
        } catch (error) {
          if (minted.get(key) === entry) minted.delete(key);
          throw error;
        }
        if (minted.get(key) === entry) minted.delete(key);
      }
    },
    /** Asks anew when it is asked for next. */
    forget(fileIds?: ReadonlySet<string>): void {
      for (const [key, entry] of minted) if (!fileIds || fileIds.has(entry.fileId)) minted.delete(key);
    },
  };
}

interface MintedUrl {
  readonly request: WireRequest;
  readonly asked: { readonly clockMs: number; readonly wallMs: number };
}
