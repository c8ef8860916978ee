import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { CommandError } from "../cli/command.ts";

/** A port that was free a moment ago, or the one asked for if it is free. */
async function takePort(host: string, port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("A TCP server has a port.");
  return address.port;
}

/** A server that was killed leaves its processes their moment to notice, and their ports with them. */
const patienceMs = 2_000;
const retryMs = 100;

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;

async function takePortSoon(host: string, port: number): Promise<number> {
  const giveUpAtMs = Date.now() + patienceMs;
  for (;;) {
    try {
      return await takePort(host, port);
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
  const take = async (wanted: number, what: string) => {
    try {
      return await takePortSoon(host, wanted);
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
  const bucketPort = await take(port === 0 ? 0 : port + 1, "bucket");
  return { apiPort, bucketPort };
}
