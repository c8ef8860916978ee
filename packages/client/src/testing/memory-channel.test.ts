import { describe, it } from "node:test";
import { queueChannelCases } from "../queue/queue-channel.contract.ts";
import { createMemoryChannels } from "./memory-channel.contract.ts";

describe("the channel in memory is a QueueChannel that", () => {
  for (const { name, run } of queueChannelCases) it(name, () => run(createMemoryChannels(), "queue"));
});
