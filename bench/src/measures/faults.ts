import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type FaultKind, faultKinds, randomFaults } from "@stowage/fault-proxy";
import { writeFileSet } from "../load/file-set.ts";
import { tusContestant } from "../peers/tus-contestant.ts";
import { uppyContestant } from "../peers/uppy-contestant.ts";
import { stowageContestant } from "../product/stowage-contestant.ts";
import type { Contestant, Finish } from "./contestant.ts";
import type { Comparison, Measure } from "./measure.ts";

const defaultFiles = 200;
const rate = 0.05;
const seed = 1;
const concurrency = 6;
/** Of bytes sent to those that are needed. */
const mostRatio = 1.15;

const contestants: readonly (readonly [folder: string, contestant: Contestant])[] = [
  ["stowage", stowageContestant],
  ["uppy", uppyContestant],
  ["tus", tusContestant],
];

/** A stall hangs a client that has no timeout for good: what else it would do is seen without. */
const plans: readonly (readonly [words: string, kinds: readonly FaultKind[]])[] = [
  ["of every kind", faultKinds],
  ["of every kind but stalls", faultKinds.filter((kind) => kind !== "stall")],
];

/** The product's client, Uppy and tus-js-client, each with the same files over proxies that fail by the same plan. */
export const faults: Measure = {
  name: "faults",
  async run({ directory, files: count = defaultFiles, say }) {
    const files = await writeFileSet(join(directory, "set"), count);
    const neededBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const compare = async (kinds: readonly FaultKind[]): Promise<Finish[]> => {
      const finishes: Finish[] = [];
      for (const [folder, contestant] of contestants) {
        const own = join(directory, folder);
        mkdirSync(own);
        const decide = randomFaults({ rate, seed, kinds });
        for (const finish of await contestant({ directory: own, files, decide, concurrency })) {
          finishes.push(finish);
          say(JSON.stringify(finish));
        }
        rmSync(own, { recursive: true });
      }
      return finishes;
    };
    const comparisons: Comparison[] = [];
    for (const [words, kinds] of plans)
      comparisons.push({
        name: `Faults ${words}: ${count} files of 1 KB to 25 MB, ${100 * rate} % of requests, ${concurrency} at a time`,
        files: count,
        neededBytes,
        finishes: await compare(kinds),
        mostRatio,
      });
    return comparisons;
  },
};
