import { type Decide, type FaultProxy, type FaultProxyOptions, startFaultProxy } from "@stowage/fault-proxy";
import { freePortPair } from "./free-ports.ts";
import { type Server, type StartOptions, startServer } from "./start-server.ts";

/** A running `stowage up` whose public addresses, the API's and the bucket's, are proxies that fail on purpose. */
export interface FaultyServer {
  /** As its clients know it: everything goes through the proxies. */
  readonly server: Server;
  /** The same past the proxies: to ask what has become of it. */
  readonly direct: Server;
  readonly api: FaultProxy;
  readonly bucket: FaultProxy;
  stop(): Promise<void>;
}

export interface FaultyStartOptions extends Omit<StartOptions, "port" | "args"> {
  /** What befalls which request, of both proxies: `api` and `s3` are their names. Default: nothing. */
  readonly decide?: Decide;
  /** Of both proxies. */
  readonly onEnd?: NonNullable<FaultProxyOptions["onEnd"]>;
}

export async function startFaultyServer({
  decide,
  onEnd,
  ...options
}: FaultyStartOptions = {}): Promise<FaultyServer> {
  const plan = { ...(decide && { decide }), ...(onEnd && { onEnd }) };
  const api = await startFaultProxy({ ...plan, hostname: "localhost" });
  const bucket = await startFaultProxy({ ...plan, speaks: "s3" });
  const port = await freePortPair();
  const server = await startServer({
    ...options,
    port,
    args: ["--public-url", api.url, "--bucket-url", bucket.url],
  });
  const direct = {
    ...server,
    api: `http://127.0.0.1:${port}`,
    web: `http://127.0.0.1:${port}`,
    bucket: `http://127.0.0.1:${port + 1}`,
  };
  api.setTarget(direct.api);
  bucket.setTarget(direct.bucket);
  return {
    server,
    direct,
    api,
    bucket,
    async stop() {
      await api.close();
      await bucket.close();
      await server.stop();
    },
  };
}
