import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Amount, Measure } from "./measure.ts";

const checkout = new URL("../../../", import.meta.url).pathname;

/** What a start makes and finds again: the built page, and the compiled code of the command. */
const madeByFirstStart = ["apps/web/dist/sites", "node_modules/.cache/stowage"];

const readyLine = /Stowage \S+ is running/;

interface Round {
  readonly nothing: number;
  readonly first: number;
  readonly again: number;
}

/** From `npm start` on an installed tree to the line that says that it runs, against `npm run` of `node -e 0`. */
export const p8: Measure = {
  name: "p8",
  async run({ directory, rounds, say }) {
    const nothing = join(directory, "nothing");
    await mkdir(nothing);
    await writeFile(join(nothing, "package.json"), '{"scripts":{"nothing":"node -e 0"}}');
    const ran: Round[] = [];
    // The first round finds nothing of npm or Node in the page cache, and is thrown away.
    for (let round = 0; round <= rounds; round += 1) {
      const dataDir = join(directory, `data-${round}`);
      const npmRun = await secondsOf(nothing, ["run", "nothing"]);
      for (const path of madeByFirstStart) await rm(join(checkout, path), { recursive: true, force: true });
      const first = await secondsToReady(dataDir);
      const again = await secondsToReady(dataDir);
      say(
        `P8, ${round === 0 ? "warm-up" : `round ${round}`}: npm run ${npmRun.toFixed(2)} s, first start ${first.toFixed(2)} s, next start ${again.toFixed(2)} s`,
      );
      if (round > 0) ran.push({ nothing: npmRun, first, again });
    }
    return [
      amountOf("P8: npm start, to its ready line", ran, ({ again }) => again),
      amountOf(
        "P8: the same for the first time: no data, the page to be built, nothing compiled before",
        ran,
        ({ first }) => first,
      ),
    ];
  },
};

const amountOf = (name: string, ran: readonly Round[], start: (round: Round) => number): Amount => ({
  name,
  peer: "npm run of node -e 0",
  unit: "s more",
  most: 3,
  amounts: ran.map((round) => start(round) - round.nothing),
});

const runNpm = (cwd: string, args: readonly string[]): ChildProcess =>
  // A group of its own, as a terminal makes one: what npm has started is stopped with it.
  spawn("npm", args, { cwd, detached: true, stdio: ["ignore", "pipe", "ignore"] });

async function secondsOf(cwd: string, args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const child = runNpm(cwd, args);
  child.stdout?.resume();
  await once(child, "close");
  return (performance.now() - startedAt) / 1000;
}

async function secondsToReady(dataDir: string): Promise<number> {
  const startedAt = performance.now();
  const child = runNpm(checkout, ["start", "--", "--port", "0", "--data", dataDir]);
  const { pid, stdout } = child;
  if (pid === undefined || stdout === null) throw new Error("npm start did not start");
  const closed = once(child, "close");
  try {
    for await (const line of createInterface({ input: stdout }))
      if (readyLine.test(line)) return (performance.now() - startedAt) / 1000;
    throw new Error("npm start ended before it was ready");
  } finally {
    stdout.resume();
    process.kill(-pid, "SIGINT");
    await closed;
  }
}
