import type { Album, File } from "@stowage/client";

/** What came of an attempt to open a link. */
export type LinkAnswer =
  | { readonly name: "open"; readonly file: File; readonly token: string }
  | { readonly name: "open"; readonly album: Album; readonly token: string }
  | { readonly name: "passphrase"; readonly wasWrong: boolean }
  /** Too many wrong passphrases were tried: it opens for nobody for so long. */
  | { readonly name: "locked"; readonly seconds: number }
  /** It never was, has ended, was taken back or used up, or what it is to is not there: which of them is nobody's to know. */
  | { readonly name: "gone" }
  | { readonly name: "unreachable" };

interface Problem {
  readonly code?: string;
}

/** Asks the server to open a link; it counts each time that it does. */
export async function openLink(ask: typeof fetch, token: string, passphrase?: string): Promise<LinkAnswer> {
  try {
    const answer = await ask("/v1/links/open", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, ...(passphrase === undefined ? {} : { passphrase }) }),
    });
    const body: unknown = await answer.json();
    if (answer.ok) return opened(body as OpenedLink);
    const { code } = body as Problem;
    if (code === "passphrase-required") return { name: "passphrase", wasWrong: false };
    if (code === "passphrase-wrong") return { name: "passphrase", wasWrong: true };
    if (code === "rate-limited")
      return { name: "locked", seconds: Number(answer.headers.get("retry-after") ?? 60) };
    // No token, or no passphrase, that could be one.
    if (code === "validation-failed" && passphrase !== undefined)
      return { name: "passphrase", wasWrong: true };
    return answer.status < 500 ? { name: "gone" } : { name: "unreachable" };
  } catch {
    // No connection, or an answer that is none of Stowage's: a captive portal, a proxy.
    return { name: "unreachable" };
  }
}

interface OpenedLink {
  readonly token: string;
  /** One of the two: what the link is to. */
  readonly file?: File;
  readonly album?: Album;
}

function opened({ token, file, album }: OpenedLink): LinkAnswer {
  if (file) return { name: "open", file, token };
  return album ? { name: "open", album, token } : { name: "gone" };
}
