import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Finding, reconcile, sweepMultiparts } from "@stowage/core";
import type { Archive } from "@stowage/protocol";
import { type FaultyProxy, startFaultyProxy } from "../../testing/faulty-proxy.ts";
import {
  ask,
  getUpload,
  isEnded,
  makePicture,
  sha256Of,
  until,
  uploadPicture,
} from "../../testing/machine-client.ts";
import { type Machine, makeMachine, type StartedProcess } from "../../testing/start-processes.ts";
import { systemClock } from "../adapters.ts";
import { withDataDirectoryStores } from "../data-directory-stores.ts";

let dataDir: string;
let machine: Machine;
let api: StartedProcess;
let proxy: FaultyProxy;
let token: string;
/** Which of the store's answers to a worker is held up, so that it can be killed there. */
let isHeld: ((method: string, path: string) => boolean) | undefined;
let onHeld: () => void = () => undefined;

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "stowage-killed-archive-"));
  machine = await makeMachine(dataDir, ["worker.leaseSeconds=2", "worker.sweepSeconds=1"]);
  [, api] = await Promise.all([machine.start("bucket"), machine.start("api")]);
  proxy = await startFaultyProxy(machine.setup.internalBucketUrl, ({ method, path }) => {
    if (!isHeld?.(method, path)) return "none";
    isHeld = undefined;
    return { at: "answer", onHeld, released: new Promise(() => undefined) };
  });
  token = await machine.addPerson("ann");
});
after(async () => {
  await machine.stop();
  await proxy[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true });
});

const startWorker = () => machine.start("worker", { setup: { internalBucketUrl: proxy.origin } });

const getArchive = async (id: string): Promise<Archive> =>
  (await ask<{ archive: Archive }>(api.origin, token, "GET", `/v1/archives/${id}`)).body.archive;

const ofArchive = (path: string): boolean => path.includes("/archives/");

const moments: readonly [string, (method: string, path: string) => boolean][] = [
  [
    "after it began an archive in the store",
    (method, path) => method === "POST" && path.endsWith("?uploads="),
  ],
  ["after it sent a part", (method) => method === "PUT"],
  ["after the store has joined the parts", (method, path) => method === "POST" && path.includes("uploadId=")],
];

for (const [when, isIt] of moments)
  test(`an archive whose worker is killed ${when} is made by the next one, and nothing is left of the first`, async () => {
    const first = await startWorker();
    const bytes = makePicture(50 + when.length, 40);
    const { id: uploadId } = await uploadPicture(api.origin, token, bytes);
    const upload = await until("the picture to be ready", async () => {
      const now = await getUpload(api.origin, token, uploadId);
      return isEnded(now) && now;
    });
    const held = Promise.withResolvers<void>();
    onHeld = held.resolve;
    isHeld = (method, path) => ofArchive(path) && isIt(method, path);
    const asked = await ask<{ archive: Archive }>(api.origin, token, "POST", "/v1/archives", {
      fileIds: [upload.fileId],
    });
    const { id } = asked.body.archive;
    await held.promise;
    await first.kill();
    const second = await startWorker();
    const archive = await until("the archive to be made", async () => {
      const now = await getArchive(id);
      return now.state === "ready" && now;
    });
    const [part] = archive.parts;
    assert.ok(part);
    const response = await fetch(part.request.url);
    const zip = Buffer.from(await response.arrayBuffer());
    assert.equal(sha256Of(zip), part.sha256);
    assert.ok(zip.includes(bytes), "stored as it is");
    await second.stop();
    await withDataDirectoryStores(dataDir, async (stores) => {
      const ports = { ...stores, clock: systemClock };
      // What nobody knows any more, such as what was begun and not written down, is litter; what is written down is not.
      await sweepMultiparts(ports, { minAgeMs: 0 });
      const findings: Finding[] = [];
      await reconcile(ports, {
        ...{ dryRun: true, minAgeMs: 0 },
        onFinding: (finding) => findings.push(finding),
      });
      assert.deepEqual(findings, []);
      const { items } = await stores.objects.list({ prefix: "archives/", limit: 1000 });
      const known = await stores.metadata.findKnownKeys(items.map(({ key }) => key));
      assert.deepEqual(
        items.map(({ key }) => key).filter((key) => !known.has(key)),
        [],
      );
    });
  });
