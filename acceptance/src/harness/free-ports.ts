import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { waitFor } from "./wait-for.ts";

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });

/** Below those that Linux gives to outgoing connections, any of which may be taken before it is listened on. */
const somePort = () => randomInt(20_000, 32_000);

/** Ports of 127.0.0.1 that are free now. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count)
    ports.add(
      await waitFor("a free port", async () => {
        const port = somePort();
        return (await isFree(port)) && port;
      }),
    );
  return [...ports];
}

/** The first of two neighbouring ports that are free now: one for the API, the next for the bucket. */
export const freePortPair = (): Promise<number> =>
  waitFor("two neighbouring free ports", async () => {
    const port = somePort();
    return (await isFree(port)) && (await isFree(port + 1)) && port;
  });
