import type { IncomingMessage } from "node:http";
import { addressBlockOf } from "@stowage/issuer";

/** Addresses whose block is remembered: working one out costs as much as the rest of a request's counting ten times over. */
const maxRemembered = 10_000;

/** What a request's sender is counted by: their address, of an IPv6 one the block that one client has. */
export function createClientBlock(
  addressOf: (request: IncomingMessage) => string,
): (request: IncomingMessage) => string {
  const blocks = new Map<string, string>();
  return (request) => {
    const address = addressOf(request);
    const known = blocks.get(address);
    if (known !== undefined) return known;
    if (blocks.size >= maxRemembered) blocks.clear();
    const block = addressBlockOf(address);
    blocks.set(address, block);
    return block;
  };
}
