import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { CommandError } from "../cli/command.ts";

/** Resolves where the port can be listened on now. */
async function tryPort(host: string, port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}

/**
 * Where free ports are looked for: below those that systems give to outgoing connections (from 32,768 on Linux, from 49,152
 * elsewhere; RFC 6335, section 6), any of which may be taken between the look and the listening.
 */
const firstFreePort = 10_000;
const lastFreePort = 32_767;
const freePortTries = 100;

/** A port that was free a moment ago, and is not `other`. */
async function findFreePort(host: string, other?: number): Promise<number> {
  for (let triesLeft = freePortTries; ; triesLeft -= 1) {
    const port = randomInt(firstFreePort, lastFreePort + 1);
    if (port === other) continue;
    try {
      await tryPort(host, port);
      return port;
    } catch (error) {
      if (triesLeft <= 1 || codeOf(error) === "EADDRNOTAVAIL") throw error;
    }
  }
}

/** A server that was killed leaves its processes their moment to notice, and their ports with them. */
const patienceMs = 2_000;
const retryMs = 100;

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;

async function takePortSoon(host: string, port: number): Promise<void> {
  const giveUpAtMs = Date.now() + patienceMs;
  for (;;) {
    try {
      return await tryPort(host, port);
    } catch (error) {
      if (codeOf(error) !== "EADDRINUSE" || Date.now() > giveUpAtMs) throw error;
      await delay(retryMs);
    }
  }
}

/**
 * Ports for API and bucket: the given one and the next, or two free ones for 0.
 *
 * @throws CommandError names the port that is busy, or the address that can't be listened on
 */
export async function choosePorts(
  host: string,
  port: number,
): Promise<{ apiPort: number; bucketPort: number }> {
  const take = async (wanted: number, what: string, other?: number) => {
    try {
      if (wanted === 0) return await findFreePort(host, other);
      await takePortSoon(host, wanted);
      return wanted;
    } catch (cause) {
      const code = codeOf(cause);
      if (code === "EADDRINUSE")
        throw new CommandError(
          `Port ${wanted} on ${host}, for the ${what}, is busy: stop what uses it, or give --port another (0 takes free ones).`,
          1,
          { cause },
        );
      throw new CommandError(`Can't listen on ${host}:${wanted} for the ${what} (${String(code)}).`, 1, {
        cause,
      });
    }
  };
  const apiPort = await take(port, "API");
  const bucketPort = await take(port === 0 ? 0 : port + 1, "bucket", apiPort);
  return { apiPort, bucketPort };
}
