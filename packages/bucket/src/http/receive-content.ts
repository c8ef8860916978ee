import type { IncomingMessage } from "node:http";
import { createChunkDecoder } from "./chunk-decoder.ts";
import type { DeclaredContent } from "./declared-content.ts";
import { receiveBody } from "./receive-body.ts";

/** Hands the content of a request to `push`, decoded, and to the checksum that it is held to. See receiveBody. */
export async function receiveContent(
  request: IncomingMessage,
  { chunked, checksum, sizeBytes }: DeclaredContent,
  push: (content: Buffer) => Promise<void> | undefined,
): Promise<void> {
  const pushChecked = (content: Buffer): Promise<void> | undefined => {
    checksum?.update(content);
    return push(content);
  };
  if (!chunked) return receiveBody(request, pushChecked);
  const decoder = createChunkDecoder({ ...chunked, sizeBytes, push: pushChecked });
  await receiveBody(request, decoder.push);
  chunked.setTrailers(decoder.end());
}
