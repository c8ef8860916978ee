import { endUploads, purgeAll } from "./erase-accounts.ts";
import type { SweepPorts } from "./sweep.ts";

/** Guests that are looked up together. */
const guestsAtOnce = 50;

/** Files that are looked at together. */
const pageSize = 200;

/**
 * One pass over guests who are none any more: open uploads are aborted, and what they sent that is in no album is deleted for good, since it is
 * nobody's. What is in an album stays there as long as the album does, and their row with it; then that goes, too. Each step is
 * idempotent and may be cut off anywhere. One guest whose things can't be deleted keeps no other's. Answers how many were forgotten.
 *
 * @throws what the first of those that failed threw, once all were tried
 */
export async function endGuests(ports: SweepPorts): Promise<number> {
  let forgotten = 0;
  const failures: unknown[] = [];
  let after: string | undefined;
  do {
    const page = await ports.metadata.listEndedGuests({
      limit: guestsAtOnce,
      ...(after === undefined ? {} : { after }),
    });
    for (const { guestId, hasRight } of page)
      try {
        if (!hasRight) await endGuest(ports, guestId);
        if ((await ports.metadata.settleGuest(guestId)) === "forgotten") forgotten += 1;
      } catch (error) {
        failures.push(error);
      }
    after = page.length < guestsAtOnce ? undefined : page.at(-1)?.guestId;
  } while (after !== undefined);
  if (failures.length > 0) throw failures[0];
  return forgotten;
}

async function endGuest(ports: SweepPorts, guestId: string): Promise<void> {
  await endUploads(ports, guestId, "Its sender is a guest no more.");
  await purgeAll(ports, () => ports.metadata.listHomelessFiles({ guestId, limit: pageSize }));
}
