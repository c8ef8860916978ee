import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../product/free-port.ts";
import { stopProcess } from "../product/stop-process.ts";
import { untilItListens } from "../product/until-it-listens.ts";
import type { Peer } from "./nginx.ts";

/** Plain `node:http` that streams each body to a file, syncs that, and renames it. */
export async function startPlainNode(directory: string): Promise<Peer> {
  await mkdir(directory, { recursive: true });
  const port = await freePort();
  const program = fileURLToPath(new URL("./plain-upload-server.ts", import.meta.url));
  const child = spawn(process.execPath, [program, directory, String(port)], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const origin = `http://127.0.0.1:${port}`;
  await untilItListens(child, origin);
  return {
    origin,
    directory,
    processes: { "plain node:http": child.pid === undefined ? [] : [child.pid] },
    stop: () => stopProcess(child),
  };
}
