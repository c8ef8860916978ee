import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { CreateUploadsResponse, Upload } from "@stowage/protocol";
import {
  ask,
  askPatiently,
  createOne,
  getMe,
  getUpload,
  intentOf,
  isEnded,
  makePicture,
  promiseOf,
  putRequestOf,
  send,
  until,
} from "../testing/machine-client.ts";
import { type Machine, makeMachine, type StartedProcess } from "../testing/start-processes.ts";

const quotaBytes = 1_000_000;
const openUploads = 150;

let dataDir: string;
let machine: Machine;
let apis: readonly StartedProcess[];
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "stowage-two-apis-"));
  machine = await makeMachine(dataDir, [
    `limits.quotaBytes=${quotaBytes}`,
    `limits.openUploads=${openUploads}`,
    "limits.createsPerMinute=0",
    "worker.sweepSeconds=1",
  ]);
  const [, first] = await Promise.all([machine.start("bucket"), machine.start("api")]);
  apis = [first, await machine.start("api"), await machine.start("worker")].slice(0, 2);
});
after(async () => {
  await machine.stop();
  await rm(dataDir, { recursive: true });
});

const originOf = (index: number): string => apis[index % apis.length]?.origin ?? "";

/** Reads a person's counters without a pause, from each API in turn, until `work` is done; all of them. */
async function whileReading<T>(
  token: string,
  work: Promise<T>,
): Promise<[T, { used: number; open: number }[]]> {
  const seen: { used: number; open: number }[] = [];
  let isOver = false;
  const read = async (first: number) => {
    for (let index = first; !isOver; index += 1) {
      const me = await getMe(originOf(index), token);
      seen.push({ used: me.usedBytes + me.reservedBytes, open: me.openUploads });
    }
  };
  const reading = Promise.all([read(0), read(1)]);
  const done = await work.finally(() => {
    isOver = true;
  });
  await reading;
  return [done, seen];
}

for (const [howMany, alternating] of [
  ["one API process", 1],
  ["two API processes", 2],
] as const) {
  test(`of 200 creates at once over ${howMany}, exactly as many are taken as the quota has room for`, async () => {
    const token = await machine.addPerson(`quota-${alternating}`);
    const sizeBytes = 9_001;
    const fits = Math.floor(quotaBytes / sizeBytes);
    assert.ok(fits < openUploads);
    const creates = Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        createOne(originOf(index % alternating), token, promiseOf(sizeBytes)),
      ),
    );
    const [created, seen] = await whileReading(token, creates);
    assert.equal(created.filter(({ upload }) => upload).length, fits);
    for (const { status, problem } of created.filter(({ upload }) => !upload))
      assert.deepEqual([status, problem?.code], [403, "quota-exceeded"]);
    assert.ok(seen.length >= 2);
    for (const { used } of seen) assert.ok(used <= quotaBytes, `${used} bytes of ${quotaBytes}`);
    const me = await getMe(originOf(1), token);
    assert.deepEqual([me.reservedBytes, me.usedBytes, me.openUploads], [fits * sizeBytes, 0, fits]);
    // What fits in the rest to the byte is taken, and no byte more.
    const rest = quotaBytes - fits * sizeBytes;
    assert.equal((await createOne(originOf(0), token, promiseOf(rest + 1))).problem?.code, "quota-exceeded");
    assert.ok((await createOne(originOf(1), token, promiseOf(rest))).upload);
  });

  test(`of 200 creates at once over ${howMany}, exactly as many are taken as may be open`, async () => {
    const token = await machine.addPerson(`open-${alternating}`);
    const creates = Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        createOne(originOf(index % alternating), token, promiseOf(10)),
      ),
    );
    const [created, seen] = await whileReading(token, creates);
    assert.equal(created.filter(({ upload }) => upload).length, openUploads);
    for (const { status, problem } of created.filter(({ upload }) => !upload))
      assert.deepEqual([status, problem?.code], [429, "too-many-open-uploads"]);
    for (const { open } of seen) assert.ok(open <= openUploads, `${open} of ${openUploads}`);
    assert.equal((await getMe(originOf(1), token)).openUploads, openUploads);
  });
}

test("creates and ends at once at the edge of the quota keep it exact at any time it is read", async () => {
  const token = await machine.addPerson("edge");
  const sizeBytes = 300_000;
  let taken = 0;
  const lane = async (index: number) => {
    for (let round = 0; round < 12; round += 1) {
      const { upload } = await createOne(originOf(index + round), token, promiseOf(sizeBytes));
      if (!upload) continue;
      taken += 1;
      const { status } = await askPatiently(originOf(index), token, "DELETE", `/v1/uploads/${upload.id}`);
      assert.equal(status, 200);
    }
  };
  const [, seen] = await whileReading(
    token,
    Promise.all(Array.from({ length: 12 }, (_, index) => lane(index))),
  );
  for (const { used } of seen) assert.ok(used <= quotaBytes && used % sizeBytes === 0, `${used} bytes`);
  assert.ok(taken > 12, `${taken} creates were taken`);
  const me = await getMe(originOf(0), token);
  assert.deepEqual([me.usedBytes, me.reservedBytes, me.openUploads], [0, 0, 0]);
});

test("the same ref through two processes at once is one upload", async () => {
  const token = await machine.addPerson("ref");
  const intent = promiseOf(1000);
  const created = await Promise.all(
    Array.from({ length: 20 }, (_, index) => createOne(originOf(index), token, intent)),
  );
  assert.equal(new Set(created.map(({ upload }) => upload?.id)).size, 1);
  assert.equal((await getMe(originOf(0), token)).reservedBytes, 1000);
});

/** No writer waits for longer: the lock is tried for five seconds, then there is a 503. */
const longestCreateMs = 6_000;

test("two API processes and a worker on one file all get on under load, and lose nothing", async (t) => {
  const tokens = await Promise.all(["ann", "ben", "cat"].map((name) => machine.addPerson(name)));
  const lanes = apis.flatMap((api) => tokens.flatMap((token) => [0, 1, 2].map(() => ({ api, token }))));
  const counts = new Map(apis.map(({ origin }) => [origin, 0]));
  const kept: { readonly token: string; readonly upload: Upload }[] = [];
  const createMs: number[] = [];
  let later = 0;
  const onLater = () => {
    later += 1;
  };
  const isEnough = () => [...counts.values()].every((count) => count >= 60);
  const run = async ({ api: { origin }, token }: (typeof lanes)[number]) => {
    while (!isEnough()) {
      const picture = makePicture();
      const files = [intentOf(picture), promiseOf(50)];
      const fromMs = performance.now();
      const created = await askPatiently<CreateUploadsResponse>(origin, token, "POST", "/v1/uploads", {
        json: { files },
        onLater,
      });
      createMs.push(performance.now() - fromMs);
      assert.equal(created.status, 201);
      const [real, empty] = created.body.items.map(({ upload }) => upload);
      assert.ok(real && "ref" in real && empty);
      counts.set(origin, (counts.get(origin) ?? 0) + 1);
      kept.push({ token, upload: real });
      assert.equal(await send(putRequestOf(real), picture), 200);
      const completed = await askPatiently(origin, token, "POST", `/v1/uploads/${real.id}/complete`, {
        onLater,
      });
      assert.equal(completed.status, 202);
      const aborted = await askPatiently(origin, token, "DELETE", `/v1/uploads/${empty.id}`, { onLater });
      assert.equal(aborted.status, 200);
    }
  };
  await Promise.all(lanes.map(run));
  for (const { token, upload } of kept) {
    const ended = await until(`upload ${upload.id} to end`, async () => {
      const now = await getUpload(originOf(0), token, upload.id);
      return isEnded(now) && now;
    });
    assert.equal(ended.state, "ready", JSON.stringify(ended.rejection));
  }
  for (const token of tokens) {
    const me = await getMe(originOf(1), token);
    const sizes = kept.filter((each) => each.token === token).map(({ upload }) => upload.sizeBytes);
    const usedBytes = sizes.reduce((sum, each) => sum + each, 0);
    assert.deepEqual([me.usedBytes, me.reservedBytes, me.openUploads], [usedBytes, 0, 0]);
  }
  createMs.sort((one, other) => one - other);
  t.diagnostic(
    `${kept.length} files; by process ${JSON.stringify([...counts.values()])}; a create took ${createMs[createMs.length >> 1]?.toFixed(0)} ms (median), ${createMs.at(-1)?.toFixed(0)} ms at most; ${later} answers of 503`,
  );
  assert.ok((createMs.at(-1) ?? 0) < longestCreateMs);
  // Both are asked alike: neither may be kept from the file by the other.
  const [least = 0, most = 0] = [...counts.values()].sort((one, other) => one - other);
  assert.ok(most < 4 * least, `one process made ${most} creates beside the other's ${least}`);
});

test("a process that is stopped for good leaves the other one's work alone", async () => {
  const token = await machine.addPerson("last");
  const third = await machine.start("api");
  const { upload } = await createOne(third.origin, token, promiseOf(77));
  assert.ok(upload);
  assert.equal(await third.stop(), 0);
  assert.equal((await getUpload(originOf(0), token, upload.id)).state, "pending");
  assert.equal((await ask(originOf(1), token, "DELETE", `/v1/uploads/${upload.id}`)).status, 200);
});
