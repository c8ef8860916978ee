import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Body } from "../load/bodies.ts";
import type { Run } from "../load/measure-run.ts";
import { cpuMillisecondsOfEndedChildren } from "../load/process-cpu.ts";
import { runLanes } from "../load/run-lanes.ts";

/** What the product makes of every picture: apps/stowage's default profile, with the quality and effort of its README. */
const sides = [320, 1600];
const options = "[Q=80,effort=2,strip]";

/** One thread costs it less CPU than two do. */
const env = { PATH: process.env.PATH ?? "", VIPS_CONCURRENCY: "1" };

/** The `vipsthumbnail` program, twice for each photograph: one process for each picture that is made of it. */
export async function runVipsthumbnail(directory: string, bodies: readonly Body[]): Promise<Run> {
  const paths = bodies.map(({ bytes }, index) => {
    const path = join(directory, `${index}.jpg`);
    writeFileSync(path, bytes);
    return path;
  });
  const count = paths.length;
  const before = cpuMillisecondsOfEndedChildren();
  const startedAt = performance.now();
  await runLanes(1, count, async (index) => {
    for (const side of sides) {
      const args = [
        "--size",
        `${side}x${side}>`,
        "-o",
        join(directory, `${side}.webp${options}`),
        paths[index] ?? "",
      ];
      const child = spawn("vipsthumbnail", args, { stdio: "inherit", env });
      const [status] = await once(child, "exit");
      if (status !== 0) throw new Error(`vipsthumbnail ${args.join(" ")}: ${status}`);
    }
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuMs = (cpuMillisecondsOfEndedChildren() - before) / count;
  return {
    count,
    seconds,
    perSecond: count / seconds,
    serverCpuMs: cpuMs,
    cpuMsByName: { vipsthumbnail: cpuMs },
    loadCpuMs: 0,
  };
}
