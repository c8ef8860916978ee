import { hash, randomUUID } from "node:crypto";
import { type Clock, linkAuditEvents, type MetadataStore } from "@stowage/core";
import type { Logger } from "pino";
import { repeatEvery } from "../repeat-every.ts";
import { type CheckpointKey, signCheckpoint } from "./checkpoint.ts";
import { appendCheckpoints, readLastCheckpoints } from "./checkpoint-file.ts";

const linkEveryMs = 1_000;
const checkpointEveryMs = 60_000;
/** The first checkpoint vouches for what the process before could not any more. */
const firstCheckpointMs = 2_000;
/** What a stop waits for: the rest is linked at the next start. */
const longestLastLinkMs = 3_000;

export const sha256OfText = (text: string): string => hash("sha256", text, "hex");

/**
 * Links audit events as they come, and once a minute writes a checkpoint of each chain that has grown to a file outside of
 * the database; at a stop, too. A failure is logged, and nothing else waits for it.
 */
export function keepAuditChain(o: {
  readonly metadata: MetadataStore;
  readonly clock: Clock;
  readonly key: CheckpointKey;
  readonly checkpointFile: string;
  readonly logger: Logger;
}): { stop(): Promise<void> } {
  const sequencerId = randomUUID();
  const stopping = new AbortController();
  /** The number of the last checkpoint of each chain, once the file was read. */
  let written: Map<string, number> | undefined;

  const link = (signal: AbortSignal) =>
    linkAuditEvents({ metadata: o.metadata }, { sha256: sha256OfText, sequencerId, signal });

  async function writeCheckpoints(): Promise<void> {
    const known =
      written ??
      new Map(
        [...(await readLastCheckpoints(o.checkpointFile))].map(([chain, { number }]) => [chain, number]),
      );
    written = known;
    const heads = (await o.metadata.listAuditChainHeads()).filter(
      ({ chain, number }) => known.get(chain) !== number,
    );
    if (heads.length === 0) return;
    const said = { atMs: o.clock.nowMs(), extent: await o.metadata.findAuditExtent() };
    await appendCheckpoints(
      o.checkpointFile,
      heads.map((head) => signCheckpoint(o.key, head, said)),
    );
    for (const { chain, number } of heads) known.set(chain, number);
  }

  const linking = repeatEvery(
    { firstMs: 0, periodMs: linkEveryMs },
    o.logger,
    "chaining audit events",
    async () => {
      await link(stopping.signal);
    },
  );
  const checkpointing = repeatEvery(
    { firstMs: firstCheckpointMs, periodMs: checkpointEveryMs },
    o.logger,
    "writing audit checkpoints",
    writeCheckpoints,
  );

  return {
    stop: async () => {
      stopping.abort();
      await Promise.all([linking.stop(), checkpointing.stop()]);
      try {
        await link(AbortSignal.timeout(longestLastLinkMs));
        await writeCheckpoints();
      } catch (err) {
        o.logger.warn({ err }, "the last audit events have no checkpoint; the next start writes it");
      }
    },
  };
}
