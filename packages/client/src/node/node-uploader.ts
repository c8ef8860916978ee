import type { ApiOptions, ClientOptions } from "../ports.ts";
import { createUploader, type Uploader } from "../uploader.ts";
import { nodeClock } from "./node-clock.ts";
import { nodeDigest } from "./node-digest.ts";
import { nodeFetch } from "./node-fetch.ts";
import { createNodeSender } from "./node-sender.ts";
import type { NodeSource } from "./node-source.ts";

export type NodeUploader = Uploader<NodeSource>;

export type NodeUploaderOptions = Pick<
  ApiOptions,
  "server" | "getToken" | "maxAttempts" | "requestTimeoutMs"
> &
  Pick<ClientOptions<NodeSource>, "concurrency" | "idleTimeoutMs">;

/** An uploader for one person, or for a token that may send, on Node. Its sources are of `nodeSource`. */
export const createNodeUploader = (options: NodeUploaderOptions): NodeUploader =>
  createUploader(nodePlatform(options));

export const nodePlatform = (options: NodeUploaderOptions): ClientOptions<NodeSource> => ({
  ...options,
  // In one spelling: what is kept in a folder stands under it.
  server: new URL(options.server).href.replace(/\/+$/, ""),
  fetch: nodeFetch,
  digest: nodeDigest,
  send: createNodeSender(),
  clock: nodeClock,
  random: Math.random,
  abortController: () => new AbortController(),
});
