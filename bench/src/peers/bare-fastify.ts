import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { freePort } from "../product/free-port.ts";
import { stopProcess } from "../product/stop-process.ts";
import { untilItListens } from "../product/until-it-listens.ts";

export interface BareFastify {
  readonly origin: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Fastify that parses a JSON body and answers JSON of `answerBytes`, and does nothing else. */
export async function startBareFastify(answerBytes: number): Promise<BareFastify> {
  const port = await freePort();
  const program = fileURLToPath(new URL("./bare-fastify-server.mjs", import.meta.url));
  const child = spawn(process.execPath, [program, String(port), String(answerBytes)], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const origin = `http://127.0.0.1:${port}`;
  await untilItListens(child, origin);
  const { pid } = child;
  if (pid === undefined) throw new Error("Bare Fastify did not start");
  return { origin, pid, stop: () => stopProcess(child) };
}
