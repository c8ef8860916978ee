import { childrenOf, commandLineOf, descendantsOf, isAlive, killEach } from "../harness/processes.ts";
import type { SeededRandom } from "../harness/seeded-random.ts";
import type { Server } from "../harness/start-server.ts";

const weights = { api: 24, bucket: 20, worker: 24, decoder: 14, supervisor: 6, everything: 12 } as const;

export type Victim = keyof typeof weights;

const roleOf = (pid: number): string | undefined =>
  /([a-z]+)-process\.[jt]s$/.exec(commandLineOf(pid)[commandLineOf(pid).length - 1] ?? "")?.[1];

/** The process of a role that runs now, whether it answers yet or not. */
const findRole = (server: Server, role: string): number | undefined =>
  childrenOf(server.pid).find((pid) => roleOf(pid) === role);

function findVictims(server: Server, victim: Victim): readonly number[] {
  switch (victim) {
    case "everything":
      return [server.pid, ...descendantsOf(server.pid)];
    case "supervisor":
      return [server.pid];
    case "decoder": {
      const worker = findRole(server, "worker");
      return worker === undefined ? [] : childrenOf(worker);
    }
    default: {
      const pid = findRole(server, victim);
      return pid === undefined ? [] : [pid];
    }
  }
}

/** Kills one at random of what runs; who. `undefined` where it was not there, since it is just being started again. */
export async function killAtRandom(server: Server, random: SeededRandom): Promise<Victim | undefined> {
  const victim = random.pickWeighted(weights);
  const found = findVictims(server, victim);
  const pids = victim === "decoder" && found.length > 1 ? [random.pick(found)] : found;
  if (pids.length === 0) return undefined;
  await killEach(pids);
  return victim;
}

/** What is left of a server whose supervisor is dead ends by itself; another can't start before. */
export const isGone = (server: Server, pids: readonly number[]): boolean =>
  !isAlive(server.pid) && pids.every((pid) => !isAlive(pid));
