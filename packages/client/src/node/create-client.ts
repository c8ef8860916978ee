import { type Client, createClient as createPortableClient } from "../create-client.ts";
import type { NodeSource } from "./node-source.ts";
import { type NodeUploaderOptions, nodePlatform } from "./node-uploader.ts";
import { openNodeQueue } from "./open-node-queue.ts";

export type NodeClient = Client<NodeSource>;

export interface NodeClientOptions extends NodeUploaderOptions {
  /**
   * The folder of its queue, on a local disk: what is added goes on when a program opens it the next time, however this
   * one ended. Files stay where they are. Default: the queue is in memory.
   */
  readonly directory?: string | undefined;
  /** A stable id of the person: queues are kept under server and person. Default: asked of the server (`GET /v1/me`). */
  readonly person?: string | undefined;
}

/** Requests to the object store at a time. */
const defaultConcurrency = { min: 2, max: 16 };

/**
 * A client for one person on Node; its sources are of `nodeSource`.
 *
 * @throws RangeError for a number that is out of its range
 */
export const createClient = ({
  directory,
  person,
  concurrency = defaultConcurrency,
  ...options
}: NodeClientOptions): NodeClient =>
  createPortableClient<NodeSource>({
    ...nodePlatform(options),
    concurrency,
    person,
    ...(directory !== undefined && { openQueue: (owner: string) => openNodeQueue({ directory, owner }) }),
  });
