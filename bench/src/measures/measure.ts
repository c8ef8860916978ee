import { spawnSync } from "node:child_process";
import type { Run } from "../load/measure-run.ts";
import type { Finish } from "./contestant.ts";

/** What a measure is given to work with. */
export interface Bench {
  /** Empty, on the disk that is measured, removed afterwards. */
  readonly directory: string;
  /** Items of each run. */
  readonly filesPerRun: number;
  /** As it was asked for, where a measure has a set of its own. */
  readonly files?: number;
  /** Runs of each side. */
  readonly rounds: number;
  /** Creates of each run, where a measure is of these. Default its own. */
  readonly creates?: number;
  /** Files of who has many, where a measure is of lists. Default its own. */
  readonly rows?: number;
  /** Of the disk that is measured: 4 KiB, the median of 50. */
  readonly fdatasyncMs: number;
  say(line: string): void;
}

/** The product's run and the peer's after it, in the same minutes. */
export interface Round {
  readonly product: Run;
  readonly peer: Run;
}

/** One figure: the product against its peer. */
export interface Figure {
  readonly name: string;
  readonly peer: string;
  /** The least ratio of items a second, and the one to be proud of. */
  readonly bar?: number;
  readonly goal?: number;
  /** The same for the peer's CPU to the product's. */
  readonly cpuBar?: number;
  readonly cpuGoal?: number;
  readonly concurrency: number;
  readonly rounds: readonly Round[];
  /** What else was measured, in words. */
  readonly remarks?: readonly string[];
}

/** One figure that is no ratio of two runs: an amount that must not be more than its bar, measured several times. */
export interface Amount {
  readonly name: string;
  /** What it is compared with, or counted from. */
  readonly peer: string;
  /** What is counted: `MB`, `s`… */
  readonly unit: string;
  readonly most: number;
  readonly amounts: readonly number[];
  readonly remarks?: readonly string[];
}

/** Several clients at the same task, in one table; the first is the product's. */
export interface Comparison {
  readonly name: string;
  readonly files: number;
  /** What all files together have. */
  readonly neededBytes: number;
  readonly finishes: readonly Finish[];
  /** Of bytes that the product's sends to those that are needed; it must bring each file exactly once. */
  readonly mostRatio: number;
  readonly remarks?: readonly string[];
}

export interface Measure {
  readonly name: string;
  run(bench: Bench): Promise<readonly (Figure | Amount | Comparison)[]>;
}

/**
 * Runs both sides once unmeasured, then in turn. Nothing is removed in between: file systems go on with that for
 * minutes, at the cost of whoever comes next (ext4 looks for an inode that was not freed of late).
 */
export async function sideBySide(
  bench: Bench,
  name: string,
  sides: {
    readonly product: (round: string) => Promise<Run>;
    readonly peer: (round: string) => Promise<Run>;
  },
): Promise<Round[]> {
  const run = (side: keyof typeof sides, round: string): Promise<Run> => {
    // What an earlier run left to be written must not be written during this one. It may take longer than a server
    // waits for a request: before the connections are opened.
    spawnSync("sync");
    return sides[side](round);
  };
  await run("product", "warm");
  await run("peer", "warm");
  const rounds: Round[] = [];
  for (let round = 1; round <= bench.rounds; round += 1) {
    const product = await run("product", String(round));
    const peer = await run("peer", String(round));
    rounds.push({ product, peer });
    bench.say(`${name}, round ${round}: ${tell(product)}; ${tell(peer)}`);
  }
  return rounds;
}

function tell({ perSecond, cpuMsByName, loadCpuMs }: Run): string {
  const cpu = Object.entries({ ...cpuMsByName, load: loadCpuMs }).map(
    ([process, ms]) => `${process} ${ms.toFixed(2)}`,
  );
  return `${perSecond.toFixed(0)} a second, CPU ms each: ${cpu.join(", ")}`;
}
