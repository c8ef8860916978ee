import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Processes } from "../load/measure-run.ts";
import { childrenOf } from "../load/process-cpu.ts";
import { freePort } from "../product/free-port.ts";
import { stopProcess } from "../product/stop-process.ts";
import { untilItListens } from "../product/until-it-listens.ts";

export interface Peer {
  readonly origin: string;
  readonly directory: string;
  readonly processes: Processes;
  stop(): Promise<void>;
}

/**
 * Debian's nginx with its default settings (`worker_processes auto`, `sendfile on`, `tcp_nopush on`), serving and
 * taking files (`dav_methods PUT`) of one directory. Its access log is off: the bucket writes none either.
 */
export async function startNginx(directory: string): Promise<Peer> {
  const files = join(directory, "files");
  await mkdir(files, { recursive: true });
  const port = await freePort();
  const configuration = `
daemon off;
worker_processes auto;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
events { worker_connections 768; }
http {
  sendfile on;
  tcp_nopush on;
  types_hash_max_size 2048;
  default_type application/octet-stream;
  access_log off;
  client_max_body_size 0;
  client_body_temp_path ${directory}/incoming;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  server {
    listen 127.0.0.1:${port};
    root ${files};
    location / { dav_methods PUT; }
  }
}
${process.getuid?.() === 0 ? "user root;" : ""}
`;
  const path = join(directory, "nginx.conf");
  await writeFile(path, configuration);
  const child = spawn("nginx", ["-c", path, "-p", directory], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
  });
  const origin = `http://127.0.0.1:${port}`;
  await untilItListens(child, origin);
  const { pid } = child;
  if (pid === undefined) throw new Error("nginx did not start: is Debian's package nginx installed?");
  return {
    origin,
    directory: files,
    processes: { nginx: [pid, ...childrenOf(pid).map((worker) => worker.pid)] },
    stop: () => stopProcess(child),
  };
}
