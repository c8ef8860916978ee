import type { IncomingMessage } from "node:http";
import { isLoopbackHost } from "../loopback.ts";

/** What a proxy adds to what it hands on. */
const forwardingHeaders = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

type Request = { readonly raw: Pick<IncomingMessage, "headers" | "socket"> };

/**
 * Who may read the metrics where no token is set: this machine's own programs, where people reach Stowage on this machine
 * alone. Behind a proxy every request comes from loopback, the world's too, and what tells them apart is the client's to
 * write: where `publicUrl` is another name than this machine's, nobody may.
 */
export function mayReadMetricsWithoutToken(publicUrl: string): (request: Request) => boolean {
  const isOnThisMachine = isLoopbackHost(new URL(publicUrl).hostname);
  return ({ raw: { headers, socket } }) => {
    if (!isOnThisMachine || !isLoopbackAddress(socket.remoteAddress ?? "")) return false;
    if (forwardingHeaders.some((name) => headers[name] !== undefined)) return false;
    // A page of another origin may have its name lead here; it can't make a browser say another.
    const { host = "" } = headers;
    return URL.canParse(`http://${host}`) && isLoopbackHost(new URL(`http://${host}`).hostname);
  };
}

const isLoopbackAddress = (address: string): boolean =>
  address === "::1" || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address);
