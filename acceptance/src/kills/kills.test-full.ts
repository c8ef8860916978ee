import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { addPerson } from "../harness/add-person.ts";
import type { Api } from "../harness/api-client.ts";
import { getMe, listAll } from "../harness/files.ts";
import { freePortPair } from "../harness/free-ports.ts";
import { createPatientApi } from "../harness/patient-client.ts";
import { canSeeProcesses, descendantsOf, isAlive } from "../harness/processes.ts";
import { jsonLines, makeFolder, removeFolder, runCli } from "../harness/run-cli.ts";
import { createSeededRandom, type SeededRandom } from "../harness/seeded-random.ts";
import { type Server, startServer } from "../harness/start-server.ts";
import { getUpload, isEnded } from "../harness/upload.ts";
import { waitFor } from "../harness/wait-for.ts";
import type { Upload } from "../harness/wire.ts";
import { assertFilesAre } from "./assert-files-are.ts";
import { assertToldOnce } from "./assert-told-once.ts";
import { type Lane, runLane } from "./lane.ts";
import { isGone, killAtRandom } from "./victims.ts";
import { type StateWatch, watchStates } from "./watch-states.ts";

const skip = canSeeProcesses ? false : "reads /proc, which only Linux has";

const kills = Number(process.env.STOWAGE_KILLS ?? 100);
/** Repeats who is killed and what clients do; when each of it happens is the machine's. */
const seed = Number(process.env.STOWAGE_KILL_SEED ?? randomInt(2 ** 31));

const people = 3;
const lanesPerPerson = 2;
const giveUpAfterMs = 60_000;

/** Short enough that what a dead one held is taken over many times in a run. */
const set = {
  "limits.urlLifetimeSeconds": 10,
  "worker.concurrency": 2,
  "worker.leaseSeconds": 3,
  "worker.sweepSeconds": 2,
};

interface Load {
  readonly lanes: readonly Lane[];
  readonly watches: readonly StateWatch[];
  readonly retries: Map<string, number>;
  /** What lanes and watches found wrong. */
  readonly failures: unknown[];
  stop(): Promise<void>;
}

async function startLoad(server: Server, random: SeededRandom): Promise<Load> {
  const retries = new Map<string, number>();
  const failures: unknown[] = [];
  let isOver = false;
  const patience = {
    giveUpAfterMs,
    onRetry: (why: string) => {
      const kind = why.replace(/\/v1\/(\w+)\/[^/: ]+/, "/v1/$1/…").replaceAll(/\d{5,}/g, "…");
      retries.set(kind, (retries.get(kind) ?? 0) + 1);
    },
  };
  const tokens = [];
  for (let person = 0; person < people; person += 1) tokens.push((await addPerson(server)).token);
  const apis = tokens.map((token) => createPatientApi(server.api, token, patience));
  const watches = apis.map(watchStates);
  const lanes: Lane[] = apis.flatMap((api) =>
    Array.from({ length: lanesPerPerson }, () => ({
      client: { api, patience, random: random.fork() },
      sendings: [],
      settled: new Set(),
      files: [],
      steps: 0,
    })),
  );
  const running = lanes.map((lane) =>
    runLane(lane, () => isOver || failures.length > 0).catch((error: unknown) => {
      failures.push(error);
    }),
  );
  return {
    lanes,
    watches,
    retries,
    failures,
    stop: async () => {
      isOver = true;
      await Promise.all(running);
    },
  };
}

const isReady = async ({ api }: Server): Promise<boolean> => {
  const answer = await fetch(`${api}/readyz`).catch((error: unknown) => {
    if (error instanceof TypeError) return undefined;
    throw error;
  });
  return answer?.status === 200;
};

/** A process may die of a signal that it was sent, and of nothing else. */
function assertNoneDiedByItself(log: string): void {
  const endings = [...log.matchAll(/The (\w+) process ended \(([^)]*)\)/g)];
  for (const [sentence, , how] of endings) assert.equal(how, "SIGKILL", `${sentence}\n${log.slice(-3000)}`);
  assert.doesNotMatch(log, /"level":"?(fatal|60)/, log.slice(-3000));
}

/**
 * What piled up while all was killed is checked at the machine's pace; an upload whose check had to wait several times is
 * tried again after a minute at most.
 */
const nothingEndsForMs = 90_000;

async function waitUntilAllEnded(api: Api): Promise<void> {
  let changedAtMs = performance.now();
  let before = "";
  const { openUploads, reservedBytes } = await waitFor(
    "every upload to end and nothing to be reserved any more",
    async () => {
      const me = await getMe(api);
      const now = `${me.openUploads} ${me.reservedBytes}`;
      if (now !== before) changedAtMs = performance.now();
      before = now;
      const isStuck = performance.now() > changedAtMs + nothingEndsForMs;
      return ((me.openUploads === 0 && me.reservedBytes === 0) || isStuck) && me;
    },
    { timeoutMs: 5 * 60_000, everyMs: 300 },
  );
  if (openUploads === 0 && reservedBytes === 0) return;
  const open = (await listAll<Upload>(api, "/v1/uploads")).filter((upload) => !isEnded(upload));
  const timelines = await Promise.all(open.map(({ id }) => getUpload(api, id)));
  assert.fail(
    `${openUploads} stay open, ${reservedBytes} bytes reserved: ${JSON.stringify(timelines, undefined, 1)}`,
  );
}

async function assertAllEnded(load: Load): Promise<void> {
  for (const [index, { api }] of [
    ...new Map(load.lanes.map(({ client }) => [client.api, client])).values(),
  ].entries()) {
    await waitUntilAllEnded(api);
    const uploads = new Map((await listAll<Upload>(api, "/v1/uploads")).map((upload) => [upload.id, upload]));
    for (const upload of uploads.values()) {
      assert.ok(isEnded(upload), `${upload.id} is ${upload.state}`);
      load.watches[index]?.see(upload);
    }
    const lanes = load.lanes.filter(({ client }) => client.api === api);
    const sendings = lanes.flatMap((lane) => lane.sendings);
    assert.equal(uploads.size, sendings.length, "each file was announced once");
    for (const sending of sendings) {
      const upload = uploads.get(sending.uploadId);
      const where = `${JSON.stringify(upload)} ${JSON.stringify({ ...sending, bytes: undefined })}`;
      if (sending.isAborted) assert.equal(upload?.state, "aborted", where);
      else {
        assert.ok(sending.isAcknowledged, where);
        assert.equal(upload?.state, sending.isGood ? "ready" : "rejected", where);
        assert.notEqual(upload?.rejection?.code, "processing-failed", where);
      }
    }
    await assertFilesAre(api, lanes);
  }
}

const countSendings = (lanes: readonly Lane[]) => lanes.reduce((sum, lane) => sum + lane.sendings.length, 0);
const countFiles = (lanes: readonly Lane[]) => lanes.reduce((sum, lane) => sum + lane.files.length, 0);

/** How often something was done to a file, or befell it. */
function sumDone(lanes: readonly Lane[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { done } of lanes.flatMap(({ files }) => files))
    for (const [action, times] of Object.entries(done)) counts.set(action, (counts.get(action) ?? 0) + times);
  return Object.fromEntries(counts);
}

/** Versions that came to be beside others. */
function countPlaced(lanes: readonly Lane[]): number {
  const { "file.replaced": replaced = 0, "file.conflicted": conflicted = 0 } = sumDone(lanes);
  return replaced + conflicted;
}

interface Finding {
  readonly kind: string;
  readonly mended?: boolean;
}

async function reconcile(dataDir: string, ...args: string[]): Promise<readonly Finding[]> {
  const { status, stdout, stderr } = await runCli([
    ...["reconcile", "--json", "--older-than", "0", "--data", dataDir],
    ...args,
  ]);
  assert.equal(status, 0, `${stderr}\n${stdout.slice(-2000)}`);
  return jsonLines<Finding>(stdout).slice(0, -1);
}

/**
 * One pass may find multipart uploads whose beginner died before it could write down their ids, and nothing else: the key of
 * every object is in a row before the object is. After it there is nothing at all.
 */
async function assertReconciled(t: TestContext, dataDir: string): Promise<void> {
  const kinds = (await reconcile(dataDir)).map(({ kind, mended }) => `${kind}${mended ? "" : ", left"}`);
  t.diagnostic(`reconcile removed: ${JSON.stringify(countEach(kinds))}`);
  for (const kind of kinds) assert.equal(kind, "orphan-multipart");
  assert.ok(kinds.length <= kills, "each kill leaves one at most");
  assert.deepEqual(await reconcile(dataDir, "--dry-run", "--deep"), []);
}

function countEach(words: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries(counts);
}

test(`${kills} kills of what runs, at random under load, lose nothing, change nothing and leave nothing stuck`, {
  skip,
}, async (t) => {
  t.diagnostic(`STOWAGE_KILL_SEED=${seed}`);
  const random = createSeededRandom(seed);
  const dataDir = await makeFolder("kills");
  const port = await freePortPair();
  const start = () => startServer({ dataDir, port, set });
  let server = await start();
  let load: Load | undefined;
  try {
    load = await startLoad(server, random.fork());
    const killed: string[] = [];
    const { lanes, failures } = load;
    const countSteps = () => lanes.reduce((sum, { steps }) => sum + steps, 0);
    while (killed.length < kills && failures.length === 0) {
      // In steps of the clients, so that a slow machine has as many of them between two kills; some meet a server that is just
      // coming up.
      const from = countSteps() + random.between(0, 8);
      await waitFor("clients to get on", () => countSteps() >= from || failures.length > 0, {
        timeoutMs: giveUpAfterMs,
        everyMs: 5,
      });
      await delay(random.between(0, 250));
      const family = descendantsOf(server.pid);
      const victim = await killAtRandom(server, random);
      if (victim === undefined) continue;
      killed.push(victim);
      if (victim === "supervisor" || victim === "everything") {
        await waitFor("what is left of the server to end", () => isGone(server, family), { everyMs: 10 });
        assertNoneDiedByItself(server.log());
        server = await start();
      } else if (random.next() < 0.7) {
        // The others are killed while it comes up again.
        await waitFor("the server to be ready again", () => isReady(server));
      }
    }
    t.diagnostic(`killed: ${JSON.stringify(countEach(killed))}`);
    await waitFor(
      "enough to have been done to tell",
      () =>
        failures.length > 0 ||
        (countSendings(lanes) > 2 * kills && countFiles(lanes) > kills / 2 && countPlaced(lanes) > kills / 6),
      { timeoutMs: giveUpAfterMs },
    );
    await load.stop();
    t.diagnostic(`tried again: ${JSON.stringify(Object.fromEntries(load.retries), undefined, 1)}`);
    assert.deepEqual(load.failures, []);
    await assertAllEnded(load);
    await Promise.all(load.watches.map((watch) => watch.stop()));
    const triesInVain = [...load.retries.values()].reduce((sum, each) => sum + each, 0);
    t.diagnostic(
      `${countSendings(lanes)} uploads, ${countFiles(lanes)} files handled, ${triesInVain} tries in vain`,
    );
    t.diagnostic(`of files: ${JSON.stringify(sumDone(lanes))}`);
    await assertReconciled(t, dataDir);
    assertToldOnce(
      dataDir,
      lanes.flatMap((lane) => lane.files),
    );
    assertNoneDiedByItself(server.log());
    assert.equal(await server.stop(), true, `ended by itself: ${server.log().slice(-2000)}`);
  } finally {
    await load?.stop();
    await Promise.allSettled(load?.watches.map((watch) => watch.stop()) ?? []);
    if (isAlive(server.pid)) await server.killAll();
    await removeFolder(dataDir);
  }
});
