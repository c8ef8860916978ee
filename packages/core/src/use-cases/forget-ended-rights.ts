import { formerOrganisationKeptMs, glassBreakToldForMs } from "../limits.ts";
import { endedLinkLifetimeMs } from "../link.ts";
import type { SweepPorts } from "./sweep.ts";

/** Rows that one command deletes. */
const batchSize = 100;

/**
 * Ends what owners show to an organisation that they left, and deletes grants, invites and capabilities whose time is up, broken glass of which owners were told for long enough, links that have ended and stayed
 * in their lists for a while, and old keys of requests. Rights that have run out are good for nothing before that, too: they are only rows. Answers how
 * many.
 */
export async function forgetEndedRights({
  metadata,
  clock,
}: Pick<SweepPorts, "metadata" | "clock">): Promise<number> {
  const nowMs = clock.nowMs();
  const limit = batchSize;
  const glassEndedBeforeMs = nowMs - glassBreakToldForMs;
  const endedBeforeMs = nowMs - endedLinkLifetimeMs;
  let forgotten = 0;
  for (const run of [
    () => metadata.forgetEndedGrants({ glassEndedBeforeMs, limit }),
    () => metadata.withdrawAudiences({ leftBeforeMs: nowMs - formerOrganisationKeptMs, limit }),
    () => metadata.forgetEndedInvites(limit),
    () => metadata.forgetEndedLinks({ endedBeforeMs, limit }),
    () => metadata.forgetEndedCapabilities(limit),
    () => metadata.forgetEndedDelegations(limit),
    () => metadata.forgetIdempotencyKeys(limit),
  ])
    forgotten += await untilFewer(run);
  return forgotten;
}

/** Runs a command that does at most a batch, until it does less. */
async function untilFewer(run: () => Promise<number>): Promise<number> {
  let done = 0;
  for (;;) {
    const some = await run();
    done += some;
    if (some < batchSize) return done;
  }
}
