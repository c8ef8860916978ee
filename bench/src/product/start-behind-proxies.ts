import { type Decide, type FaultProxy, startFaultProxy } from "@stowage/fault-proxy";
import { freePortPair } from "./free-port.ts";
import { type Stowage, startStowage } from "./start-stowage.ts";

/** The product behind proxies that fail: its public addresses, in `stowage`, are theirs. */
export interface BehindProxies {
  readonly stowage: Stowage;
  readonly api: FaultProxy;
  readonly bucket: FaultProxy;
  /** Past the proxies. */
  readonly direct: { readonly api: string; readonly bucket: string };
  stop(): Promise<void>;
}

export async function startBehindProxies(
  dataDir: string,
  decide: Decide,
  settings: readonly string[] = [],
): Promise<BehindProxies> {
  const api = await startFaultProxy({ decide, hostname: "localhost" });
  const bucket = await startFaultProxy({ decide, speaks: "s3" });
  const port = await freePortPair();
  const stowage = await startStowage(dataDir, settings, {
    port,
    publicUrl: api.url,
    bucketUrl: bucket.url,
  });
  const direct = { api: `http://127.0.0.1:${port}`, bucket: `http://127.0.0.1:${port + 1}` };
  api.setTarget(direct.api);
  bucket.setTarget(direct.bucket);
  return {
    stowage,
    api,
    bucket,
    direct,
    async stop() {
      await api.close();
      await bucket.close();
      await stowage.stop();
    },
  };
}
