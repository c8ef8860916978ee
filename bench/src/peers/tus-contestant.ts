import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startFaultProxy } from "@stowage/fault-proxy";
import { sha256Of } from "../load/file-set.ts";
import { runUploadProgram } from "../load/upload-program.ts";
import { type Contestant, finishOf } from "../measures/contestant.ts";
import { stopProcess } from "../product/stop-process.ts";

const at = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** tus-js-client on Node, and `@tus/server` over a folder. */
export const tusContestant: Contestant = async (race) => {
  const folder = join(race.directory, "files");
  mkdirSync(folder, { recursive: true });
  const server = spawn(process.execPath, [at("tus-server.ts"), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const proxy = await startFaultProxy({ decide: race.decide });
  try {
    for await (const port of createInterface({ input: server.stdout })) {
      proxy.setTarget(`http://127.0.0.1:${port}`);
      break;
    }
    const env = { ENDPOINT: `${proxy.url}/files`, CONCURRENCY: String(race.concurrency) };
    const { said, failures, ...ended } = await runUploadProgram([at("tus-upload.ts")], env, race.files, [
      proxy,
    ]);
    for (const [name, why] of failures) process.stderr.write(`tus: ${name}: ${why}\n`);
    const there = await wholeFiles(folder);
    return [finishOf("tus-js-client 4.3.1", race, [proxy], ended, { said: said.size, there })];
  } finally {
    await proxy.close();
    await stopProcess(server);
  }
};

/** The SHA-256 of each file of which all bytes are there. */
async function wholeFiles(folder: string): Promise<string[]> {
  const there: string[] = [];
  for (const name of readdirSync(folder)) {
    if (name.endsWith(".json")) continue;
    const path = join(folder, name);
    const { size } = JSON.parse(readFileSync(`${path}.json`, "utf8")) as { readonly size: number };
    if (statSync(path).size === size) there.push(await sha256Of(path));
  }
  return there;
}
