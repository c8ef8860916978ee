import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBucketServer } from "@stowage/bucket";
import {
  createUuidV7Source,
  defaultLimits,
  defaultProfile,
  type MetadataStore,
  type ObjectStore,
  type PresignedRequest,
  type Profile,
  type ServicePorts,
} from "@stowage/core";
import { testPassphrases, testTokens } from "@stowage/core/testing";
import { createS3ObjectStore } from "@stowage/s3";
import { createSqliteMetadataStore } from "@stowage/sql";
import { embeddedCapabilities } from "../server/embedded-capabilities.ts";
import {
  type LifecycleModel,
  type ModelLimits,
  uploadLifetimeMs,
  urlLifetimeMs,
} from "./lifecycle-model.testing.ts";
import { derivativeNames, iconName } from "./predict-verification.testing.ts";

/** A disk of which the machine's memory is as good here: no step takes its power away, and syncs are most of the time. */
const inMemory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** Of derivatives there are as many as the model needs, whatever the product's profile has. */
const modelProfile: Profile = {
  ...defaultProfile,
  derivatives: [...derivativeNames, iconName].map((name) => ({
    name,
    width: 100,
    height: 100,
    fit: "contain",
    make: name === iconName ? "ask" : "verify",
  })),
};

export const startMs = Date.parse("2026-06-01T12:00:00Z");

/** Clocks of services, database and store: they stand still until they are moved. */
export type Clocks = Pick<LifecycleModel, "nowMs" | "databaseAheadMs" | "storeAheadMs">;

export interface Ports {
  readonly metadata: MetadataStore;
  readonly objects: ObjectStore;
}

/** The real database and the real bucket in a temporary folder, with clocks of their own. */
export interface Machine extends Ports, AsyncDisposable {
  readonly clocks: { current: Clocks };
  /** Services with these limits over these ports. */
  services(ports: Ports, limits: ModelLimits): ServicePorts;
  /** A client's request as it is; `cut`: its connection ends in the middle. Answers the status. */
  send(request: PresignedRequest, bytes: Buffer, cut?: boolean): Promise<number>;
  fetch(request: PresignedRequest): Promise<Buffer>;
}

export async function openMachine(): Promise<Machine> {
  const directory = await mkdtemp(join(inMemory, "stowage-model-"));
  const clocks: { current: Clocks } = {
    current: { nowMs: startMs, databaseAheadMs: 0, storeAheadMs: 0 },
  };
  const storeMs = () => clocks.current.nowMs + clocks.current.storeAheadMs;
  const metadata = await createSqliteMetadataStore({
    file: join(directory, "stowage.sqlite"),
    clock: { nowMs: () => clocks.current.nowMs + clocks.current.databaseAheadMs },
  });
  const credentials = { accessKeyId: "MODEL", secretAccessKey: randomBytes(20).toString("hex") };
  const place = { bucket: "model", region: "us-east-1" };
  const bucket = createBucketServer({
    ...place,
    directory: join(directory, "bucket"),
    credentials: [credentials],
    masterKey: randomBytes(32),
    closeTimeoutMs: 1000,
    now: () => new Date(storeMs()),
  });
  const { port } = await bucket.listen({ host: "127.0.0.1", port: 0 });
  const objects = createS3ObjectStore({
    ...place,
    endpoint: `http://127.0.0.1:${port}`,
    credentials,
    capabilities: embeddedCapabilities,
    maxRetries: 0,
    now: () => clocks.current.nowMs,
  });
  const clock = { nowMs: () => clocks.current.nowMs };
  const newId = createUuidV7Source(clock.nowMs, () => randomBytes(10));
  let keys = 0;
  const ids = {
    newId,
    newKeyPart: () => {
      keys += 1;
      return `key${String(keys).padStart(5, "0")}`;
    },
  };
  const agent = new http.Agent({ keepAlive: true });
  return {
    metadata,
    objects,
    clocks,
    services: (ports, limits) => ({
      ...ports,
      clock,
      ids,
      limits: {
        ...defaultLimits,
        ...limits,
        uploadLifetimeSeconds: uploadLifetimeMs / 1000,
        urlLifetimeSeconds: urlLifetimeMs / 1000,
      },
      profiles: new Map([[modelProfile.name, modelProfile]]),
      tokens: testTokens,
      passphrases: testPassphrases,
      wakeWorker: () => undefined,
    }),
    send: (request, bytes, cut = false) => sendBytes(agent, request, bytes, cut),
    fetch: async ({ url, method, headers }) => {
      const answer = await fetch(url, { method, headers });
      const body = Buffer.from(await answer.arrayBuffer());
      if (answer.status !== 200)
        throw new Error(`A download was answered ${answer.status}: ${body.toString()}`);
      return body;
    },
    [Symbol.asyncDispose]: async () => {
      agent.destroy();
      await bucket.close();
      await metadata.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** A request that is cut off has no answer: status 0. */
const noAnswer = 0;

function sendBytes(
  agent: http.Agent,
  { url, method, headers }: PresignedRequest,
  bytes: Buffer,
  cut: boolean,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, {
      method,
      headers: { ...headers, "content-length": bytes.byteLength },
      agent,
    });
    let isAnswered = false;
    request.on("response", (response) => {
      isAnswered = true;
      response.resume();
      response.on("close", () => resolve(response.statusCode ?? noAnswer));
    });
    request.on("error", (error) => {
      if (cut) resolve(noAnswer);
      else if (!isAnswered) reject(error);
    });
    if (!cut) request.end(bytes);
    else
      request.write(bytes.subarray(0, Math.floor(bytes.byteLength / 2)), () => {
        request.destroy();
      });
  });
}
