export { createClient, type NodeClient, type NodeClientOptions } from "./create-client.ts";
export { nodeClock } from "./node-clock.ts";
export { nodeDigest } from "./node-digest.ts";
export type { NodePart } from "./node-part.ts";
export { createNodeSender } from "./node-sender.ts";
export { type NodeSource, type NodeSourceOptions, nodeSource } from "./node-source.ts";
export { createNodeUploader, type NodeUploader, type NodeUploaderOptions } from "./node-uploader.ts";
export { type NodeQueue, type NodeQueueOptions, openNodeQueue } from "./open-node-queue.ts";
