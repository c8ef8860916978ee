import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

type Request = Pick<IncomingMessage, "headers"> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
};

/**
 * The address of whoever sent a request: that of the connection. Where that is a trusted proxy's, the one that the
 * proxy names in `X-Forwarded-For`, and so on from the last of those addresses to the first that is no trusted
 * proxy's: what stands before that anybody could have written. An IPv4 address in IPv6's notation is answered as IPv4.
 *
 * @param trustedProxies addresses, and ranges such as 10.0.0.0/8
 */
export function createClientAddress(trustedProxies: readonly string[]): (request: Request) => string {
  const trusted = new BlockList();
  for (const range of trustedProxies) {
    const [address = "", prefix] = range.split("/");
    const family = familyOf(address);
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  const isTrusted = (address: string) =>
    trustedProxies.length > 0 && address !== "" && trusted.check(address, familyOf(address));

  // A connection's address stays what it is, and is asked for with each of its requests.
  const peers = new WeakMap<object, string>();
  const peerOf = (socket: Request["socket"]): string => {
    const known = peers.get(socket);
    if (known !== undefined) return known;
    const address = plainAddress(socket.remoteAddress ?? "") ?? "";
    if (address !== "") peers.set(socket, address);
    return address;
  };

  return ({ headers, socket }) => {
    let address = peerOf(socket);
    if (!isTrusted(address)) return address;
    const named = [headers["x-forwarded-for"] ?? []].flat().join(",").split(",").reverse();
    for (const each of named) {
      if (!isTrusted(address)) break;
      const before = plainAddress(each.trim());
      if (before === undefined) break;
      address = before;
    }
    return address;
  };
}

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 4 ? "ipv4" : "ipv6");

/** Without the port that some proxies write behind it, a zone, or IPv6's clothes; `undefined` where it is no address. */
function plainAddress(text: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  const address = bare.replace(/%.*$/s, "").replace(/^::ffff:(?=[\d.]+$)/i, "");
  return isIP(address) === 0 ? undefined : address;
}
