import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** State of a socket that listens, in proc(5)'s `net/tcp`. */
const listening = "0A";

/** TCP ports of IPv4 that a process listens on. */
export function listeningPorts(pid: number): Set<number> {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode === undefined ? [] : [inode];
    }),
  );
  const ports = new Set<number>();
  for (const line of readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    const port = fields[1]?.split(":")[1];
    if (fields[3] === listening && port !== undefined && sockets.has(fields[9] ?? ""))
      ports.add(Number.parseInt(port, 16));
  }
  return ports;
}

/** Empty for one that was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
