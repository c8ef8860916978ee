import type { IncomingMessage } from "node:http";
import { releaseBuffer } from "../storage/release-buffer.ts";
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
  if (!chunked) return receiveBody(request, releasing(pushChecked));
  const decoder = createChunkDecoder({ ...chunked, sizeBytes, push: pushChecked });
  await receiveBody(request, releasing(decoder.push));
  chunked.setTrailers(decoder.end());
}

/** Frees each chunk once `push` has done with it. */
const releasing =
  (push: (chunk: Buffer) => Promise<void> | undefined) =>
  (chunk: Buffer): Promise<void> | undefined => {
    const waiting = push(chunk);
    if (waiting !== undefined) return waiting.then(() => releaseBuffer(chunk));
    releaseBuffer(chunk);
    return undefined;
  };
