import assert from "node:assert/strict";
import { test } from "node:test";
import type { FetchResponse } from "../ports.ts";
import type { QueueRow } from "../queue/queue-store.ts";
import { createLightAbortController } from "../testing/light-abort-controller.contract.ts";
import {
  createSimulatedWorld,
  type Life,
  type Mishap,
  simulatedSource,
} from "../testing/simulated-world.contract.ts";
import { workerPlatformOf } from "../testing/worker-life.contract.ts";
import { drainQueue } from "./drain-queue.ts";
import type { WorkerPlatform } from "./worker-requests.ts";

interface Left {
  readonly name?: string;
  readonly text: string;
  readonly row?: Partial<QueueRow>;
}

interface Setting {
  /** By request, in their order. */
  readonly mishaps?: readonly (Mishap | undefined)[];
  readonly rules?: Parameters<typeof createSimulatedWorld>[1];
  /** What is answered instead, by the nth request that begins so. */
  readonly answers?: Readonly<Record<string, readonly (Answered | undefined)[]>>;
}

interface Answered {
  readonly status: number;
  readonly body?: string;
  readonly retryAfter?: string;
}

const problem = (status: number, code: string): Answered => ({
  status,
  body: JSON.stringify({ status, code, title: code, detail: `It is ${code}.` }),
});

/** A device with files that a page left, and a worker's turn; above 40 bytes a file goes in parts of 16. */
async function setUp(files: readonly Left[], { mishaps = [], rules = {}, answers = {} }: Setting = {}) {
  const world = createSimulatedWorld(mishaps, { singlePutLimitBytes: 40, partSizeBytes: 16, ...rules });
  const life: Life = world.boot();
  const rows = files.map(({ name, text, row }, index): QueueRow => {
    const id = `row-${index}`;
    const { sizeBytes } = simulatedSource("", text);
    return {
      ...{ id, ref: id, order: index, name: name ?? `${index}.jpg`, sizeBytes, contentType: "image/jpeg" },
      ...{ options: {}, state: "saved", isKept: true, canRetry: false },
      ...row,
    };
  });
  await life.store.write(rows);
  for (const [index, { name, id, isKept }] of rows.entries())
    if (isKept)
      await life.store.keep(
        id,
        simulatedSource(name, files[index]?.text ?? ""),
        createLightAbortController().signal,
      );

  const asked: string[] = [];
  const times: number[] = [];
  const bodies: unknown[] = [];
  const lead = createLightAbortController();
  const platform = workerPlatformOf(life);
  const counts = new Map<string, number>();
  const fetch: WorkerPlatform<never>["fetch"] = async (url, init): Promise<FetchResponse> => {
    const { pathname, searchParams } = new URL(url);
    const part = searchParams.get("partNumber");
    const what = pathname.startsWith("/bucket/")
      ? `PUT ${part ? `part ${part}` : "whole"}`
      : `${init?.method} ${pathname.replace(/[0-9a-f-]{36}/, "{id}").slice("/v1".length)}`;
    asked.push(what);
    times.push(world.clock.nowMs());
    bodies.push(typeof init?.body === "string" ? JSON.parse(init.body) : undefined);
    const nth = counts.get(what) ?? 0;
    counts.set(what, nth + 1);
    const answer = answers[what]?.[nth];
    if (!answer) return platform.fetch(url, init);
    return {
      status: answer.status,
      headers: { get: (name) => (name === "retry-after" ? (answer.retryAfter ?? null) : null) },
      text: async () => answer.body ?? "",
    };
  };
  return {
    world,
    life,
    asked,
    bodies,
    times,
    lead,
    stored: () => [...world.disk.values()],
    states: () => [...world.disk.values()].map(({ state }) => state),
    hasBytes: async (id: string) => {
      const row = world.disk.get(id);
      return row !== undefined && (await life.store.source(row)) !== undefined;
    },
    arrived: () => [...world.uploads.values()].filter(({ state }) => state === "ready").length,
    /** One turn of the worker, as long as it takes. */
    async turn(more: Partial<WorkerPlatform<never>> = {}) {
      const turn = drainQueue({ ...platform, fetch, ...more } as typeof platform, life.store, lead.signal);
      let isOver = false;
      const over = turn.finally(() => {
        isOver = true;
      });
      over.catch(() => undefined);
      for (let round = 0; !isOver && round < 2000; round += 1) await world.clock.pass(500);
      assert.ok(isOver, `it never ends: ${asked.slice(-20).join(", ")}`);
      return over;
    },
  };
}

const small = (count: number): readonly Left[] =>
  Array.from({ length: count }, (_, index) => ({ text: `bytes ${index}` }));

test("creates and completes a hundred small files in one request each", async () => {
  const { turn, asked, arrived, states, hasBytes } = await setUp(small(100));
  const { sent, isWaiting } = await turn();
  assert.equal(sent.length, 100);
  assert.equal(isWaiting, false);
  assert.equal(arrived(), 100);
  assert.deepEqual(new Set(states()), new Set(["ready"]));
  assert.equal(await hasBytes("row-7"), false);
  const of = (what: string) => asked.filter((one) => one === what).length;
  assert.deepEqual(
    [of("POST /uploads"), of("PUT whole"), of("POST /uploads/complete"), of("GET /uploads")],
    [1, 100, 1, 1],
  );
});

test("begins no more than 20 MB together", async () => {
  const files = small(3).map(({ text }) => ({ text: text.repeat(1_200_000) }));
  const { turn, bodies, arrived } = await setUp(files, { rules: { singlePutLimitBytes: 20_000_000 } });
  await turn();
  const creates = bodies.flatMap((body) => {
    const { files: announced } = (body ?? {}) as { readonly files?: readonly unknown[] };
    return announced ? [announced.length] : [];
  });
  assert.deepEqual([creates, arrived()], [[2, 1], 3]);
});

test("announces what a page did: ref, type, digest and options, but no group", async () => {
  const options = { albumId: "album-1", metadata: { step: "1" }, group: "trip" };
  const { turn, bodies } = await setUp([
    { text: "x", row: { ref: "ref-1", options, sha256: "0".repeat(64) } },
  ]);
  await turn();
  const name = "0.jpg";
  const { albumId, metadata } = options;
  assert.deepEqual(bodies[0], {
    files: [
      {
        ...{ ref: "ref-1", name, sizeBytes: 1, contentType: "image/jpeg", sha256: "0".repeat(64) },
        ...{ metadata, albumId },
      },
    ],
  });
});

test("sends the same file once, for all of its rows", async () => {
  const twice = { name: "a.jpg", text: "same" };
  const { turn, asked, stored, arrived } = await setUp([twice, { text: "other" }, twice]);
  const { sent } = await turn();
  assert.equal(sent.length, 3);
  assert.equal(arrived(), 2);
  assert.equal(asked.filter((one) => one === "PUT whole").length, 2);
  const [first, , third] = stored();
  assert.deepEqual([third?.ref, third?.fileId], [first?.ref, first?.fileId]);
});

test("goes on with a file in parts, and leaves out what the store has", async () => {
  const text = "a large file in parts, of which some are there already";
  const world = await setUp([{ text }], { answers: { "PUT part 3": Array(4).fill({ status: 503 }) } });
  assert.equal((await world.turn()).isWaiting, true);
  assert.deepEqual(world.states(), ["saved"]);
  world.asked.splice(0);
  await world.turn();
  assert.deepEqual(world.states(), ["ready"]);
  assert.deepEqual(
    world.asked.filter((one) => one.startsWith("PUT")),
    ["PUT part 3"],
  );
});

test("has a request minted anew where one has run out, without waiting", async () => {
  const { turn, asked, times, arrived } = await setUp([{ text: "x" }], { mishaps: [undefined, "expired"] });
  await turn();
  assert.equal(arrived(), 1);
  assert.deepEqual(asked.slice(1, 5), [
    "PUT whole",
    "POST /uploads/{id}/urls",
    "PUT whole",
    "POST /uploads/complete",
  ]);
  assert.equal(times[3], times[1]);
});

test("takes a 412 for bytes that are there", async () => {
  const { turn, asked, arrived } = await setUp([{ text: "x" }], {
    answers: { "PUT whole": [{ status: 412 }] },
  });
  await turn();
  // Nothing is there: had it not been believed, it would have been sent again without asking.
  assert.deepEqual(asked.slice(1, 3), ["PUT whole", "POST /uploads/complete"]);
  assert.equal(arrived(), 1);
});

test("asks the API, and does not send again, where the answer to a PUT was lost", async () => {
  const { turn, asked, arrived } = await setUp([{ text: "x" }], {
    mishaps: [undefined, "commit-then-reset"],
  });
  await turn();
  assert.equal(arrived(), 1);
  assert.deepEqual(asked.slice(0, 3), ["POST /uploads", "PUT whole", "POST /uploads/complete"]);
});

test("gives up a PUT that stands still for more than its time, and sends it again", async () => {
  const { turn, times, asked, arrived } = await setUp([{ text: "x" }], { mishaps: [undefined, "hang"] });
  await turn();
  assert.equal(arrived(), 1);
  const again = asked.lastIndexOf("PUT whole");
  assert.ok((times[again] ?? 0) >= 60_000 && (times[again] ?? 0) < 70_000, `${times[again]} ms`);
});

test("waits as long as the API and the store ask for in Retry-After", async () => {
  const { turn, times, asked, arrived } = await setUp([{ text: "x" }], {
    answers: {
      "POST /uploads": [{ ...problem(429, "rate-limited"), retryAfter: "7" }],
      "PUT whole": [{ status: 503, retryAfter: "20" }],
    },
  });
  await turn();
  assert.equal(arrived(), 1);
  const [first, second] = asked.flatMap((one, index) => (one === "POST /uploads" ? [times[index] ?? 0] : []));
  const [put, again] = asked.flatMap((one, index) => (one === "PUT whole" ? [times[index] ?? 0] : []));
  assert.ok((second ?? 0) - (first ?? 0) >= 7000 && (second ?? 0) - (first ?? 0) < 9000);
  assert.ok((again ?? 0) - (put ?? 0) >= 20_000 && (again ?? 0) - (put ?? 0) < 22_000);
});

test("asks to be woken again, and waits no longer, where more patience is wanted than a worker has", async () => {
  const world = await setUp([{ text: "x" }], {
    answers: { "POST /uploads": [{ ...problem(429, "rate-limited"), retryAfter: "61" }] },
  });
  const { isWaiting } = await world.turn();
  assert.equal(isWaiting, true);
  assert.deepEqual([world.states(), world.asked], [["saved"], ["POST /uploads"]]);
});

test("asks to be woken again where there is no network, or somebody else's page, and changes nothing", async () => {
  for (const mishap of ["reset", "portal"] as const) {
    const world = await setUp([{ text: "x" }], { mishaps: Array(4).fill(mishap) });
    const before = world.stored();
    assert.deepEqual(await world.turn(), { sent: [], failed: [], isWaiting: true });
    assert.deepEqual(world.stored(), before);
    assert.equal(world.asked.length, 4);
  }
});

test("sends what is too much for now when others have ended", async () => {
  const { turn, arrived } = await setUp(small(10), { rules: { maxOpenUploads: 3 } });
  const { sent, isWaiting } = await turn();
  assert.deepEqual([sent.length, isWaiting, arrived()], [10, false, 10]);
});

test("asks to be woken again where too many are open, and none of them are its own", async () => {
  const { turn, states, asked } = await setUp(small(2), { rules: { maxOpenUploads: 0 } });
  assert.deepEqual(await turn(), { sent: [], failed: [], isWaiting: true });
  assert.deepEqual([states(), asked], [["saved", "saved"], ["POST /uploads"]]);
});

test("is content with what was ready before, also where its token may not ask after that", async () => {
  const world = await setUp([{ text: "x" }]);
  await world.turn();
  const [row] = world.stored();
  assert.ok(row);
  const { fileId, ...before } = row;
  await world.life.store.write([{ ...before, state: "saved" }]);
  await world.life.store.keep("row-0", simulatedSource("0.jpg", "x"), world.lead.signal);
  world.asked.splice(0);
  const { sent } = await world.turn();
  assert.deepEqual([sent.map((one) => one.fileId), world.asked], [[fileId], ["POST /uploads"]]);
  assert.equal(await world.hasBytes("row-0"), false);
});

test("begins no more PUTs once it gives up", async () => {
  const { turn, asked } = await setUp(small(20), {
    answers: { "PUT whole": [{ status: 503, retryAfter: "61" }] },
  });
  assert.equal((await turn()).isWaiting, true);
  assert.equal(asked.filter((one) => one === "PUT whole").length, 3);
  assert.equal(asked.at(-1), "PUT whole");
});

test("writes what was refused for good, and leaves to the page what else is the matter", async () => {
  // In the order in which they are sent.
  const codes = ["album-gone", "file-too-large", "quota-exceeded", "type-not-allowed"];
  const items = codes.map((code) => ({ problem: { status: 403, code, detail: "No." } }));
  const world = await setUp(
    codes.map((name) => ({ name, text: "12345" })),
    { answers: { "POST /uploads": [{ status: 403, body: JSON.stringify({ items }) }] } },
  );
  const { failed, isWaiting } = await world.turn();
  assert.deepEqual(
    failed.map(({ name, state, problem: said, isKept }) => [name, state, said?.code, isKept]),
    [
      ["file-too-large", "failed", "file-too-large", true],
      ["type-not-allowed", "failed", "type-not-allowed", true],
    ],
  );
  assert.equal(isWaiting, false);
  assert.deepEqual(world.states(), ["saved", "failed", "saved", "failed"]);
});

test("finds the one malformed file that fails the request of all", async () => {
  const world = await setUp(
    small(3).map(({ text }, index) => ({ text, row: { ref: index === 1 ? "" : `${index}` } })),
  );
  const { sent, failed } = await world.turn();
  assert.deepEqual([sent.length, failed.map(({ id }) => id)], [2, ["row-1"]]);
});

test("leaves a file that takes another's place, which its token can't send, and sends the others", async () => {
  const replaces = { fileId: "file-1", version: 1 };
  const { turn, bodies, states } = await setUp([
    { text: "x", row: { options: { replaces } } },
    { text: "y" },
  ]);
  await turn();
  assert.deepEqual(states(), ["saved", "ready"]);
  assert.equal(JSON.stringify(bodies).includes("replaces"), false);
});

test("leaves what was given again to the page, which compares it with what has arrived", async () => {
  const { turn, states } = await setUp([{ text: "x", row: { isAttached: true } }, { text: "y" }]);
  await turn();
  assert.deepEqual(states(), ["saved", "ready"]);
});

test("leaves a file whose bytes are gone or can't be read, and sends the others", async () => {
  const world = await setUp(small(3));
  await world.life.store.release(["row-1"]);
  const { source } = world.life.store;
  Object.assign(world.life.store, {
    source: (row: QueueRow) => (row.id === "row-2" ? Promise.reject(new Error("broken")) : source(row)),
  });
  const { sent } = await world.turn();
  assert.deepEqual([sent.map(({ id }) => id), world.states()], [["row-0"], ["ready", "saved", "saved"]]);
});

test("says what was rejected", async () => {
  const rejection = { code: "malware", detail: "It has a virus." } as const;
  const world = await setUp([{ text: "bad" }], { rules: { verdict: () => rejection } });
  const { failed } = await world.turn();
  assert.deepEqual(
    failed.map(({ problem: said }) => said),
    [rejection],
  );
  const [row] = world.stored();
  assert.deepEqual([row?.state, row?.isKept, await world.hasBytes("row-0")], ["rejected", false, false]);
});

test("keeps the bytes of what the server could not check, for another try", async () => {
  const rejection = { code: "timeout", detail: "Not this time." } as const;
  const world = await setUp([{ text: "good" }], { rules: { verdict: () => rejection } });
  await world.turn();
  const [row] = world.stored();
  assert.deepEqual([row?.state, row?.canRetry, row?.isKept], ["rejected", true, true]);
  assert.ok(await world.hasBytes("row-0"));
});

test("does nothing without a token, and no more once it is refused", async () => {
  const world = await setUp([{ text: "x" }]);
  assert.equal((await world.turn({ getToken: async () => undefined })).isWaiting, false);
  assert.deepEqual(world.asked, []);
  world.world.isSignedIn = false;
  const refused: unknown[] = [];
  const { isWaiting } = await world.turn({
    async getToken(token) {
      refused.push(token);
      return "token";
    },
  });
  assert.deepEqual([isWaiting, refused, world.asked], [false, [undefined, "token"], ["POST /uploads"]]);
});

test("ends on the server what was cancelled, and forgets it", async () => {
  const world = await setUp([{ text: "x" }], {
    answers: { "PUT whole": [{ status: 403 }, { status: 413 }] },
  });
  await world.turn();
  const [row] = world.stored();
  assert.ok(row?.uploadId);
  await world.life.store.write([{ ...row, state: "cancelled", isKept: false, mustEnd: true }]);
  world.asked.splice(0);
  await world.turn();
  assert.deepEqual(world.asked, ["DELETE /uploads/{id}"]);
  assert.deepEqual(
    [...world.world.uploads.values()].map(({ state }) => state),
    ["aborted"],
  );
  assert.deepEqual(world.stored(), []);
});

test("leaves to the page what was cancelled when all of its bytes had arrived", async () => {
  const world = await setUp([{ text: "x" }]);
  await world.turn();
  const [row] = world.stored();
  assert.ok(row);
  const cancelled: QueueRow = { ...row, state: "cancelled", isKept: false, mustEnd: true };
  await world.life.store.write([cancelled]);
  const { isWaiting } = await world.turn();
  assert.deepEqual([world.stored(), isWaiting], [[cancelled], false]);
});

test("begins no request, and writes nothing, once a page has taken the lead", async () => {
  const world = await setUp([{ text: "x" }, { text: "y" }], { mishaps: [undefined, 1000, 1000] });
  const turn = drainQueue(
    {
      ...workerPlatformOf(world.life),
      fetch: (url, init) => {
        world.asked.push(`${init?.method} ${new URL(url).pathname}`);
        return workerPlatformOf(world.life).fetch(url, init);
      },
    },
    world.life.store,
    world.lead.signal,
  );
  await world.world.clock.pass(500);
  const before = world.stored();
  world.lead.abort();
  await world.world.clock.pass(60_000);
  assert.deepEqual(await turn, { sent: [], failed: [], isWaiting: false });
  assert.equal(world.asked.length, 3, "a create and two PUTs");
  assert.equal(world.world.storedCount(), 2, "what was on its way has arrived");
  assert.deepEqual(world.stored(), before);
});

test("writes no more from the moment that a page takes the lead", async () => {
  const world = await setUp(small(3));
  const { write } = world.life.store;
  Object.assign(world.life.store, {
    async write(rows: readonly QueueRow[]) {
      await write(rows);
      if (rows.some(({ state }) => state === "ready")) world.lead.abort();
    },
  });
  const { sent } = await world.turn();
  assert.deepEqual([sent.length, world.states()], [1, ["ready", "saved", "saved"]]);
});

test("breaks what is still on its way 2 s after a page has taken the lead", async () => {
  const world = await setUp([{ text: "x" }], { mishaps: [undefined, "hang"] });
  let endedAtMs: number | undefined;
  const turn = drainQueue(workerPlatformOf(world.life), world.life.store, world.lead.signal).finally(() => {
    endedAtMs = world.world.clock.nowMs();
  });
  await world.world.clock.pass(500);
  world.lead.abort();
  await world.world.clock.pass(10_000);
  assert.equal(endedAtMs, 2500);
  assert.deepEqual(await turn, { sent: [], failed: [], isWaiting: false });
});

test("lets a store that fails fail the turn, so that the browser gives another", async () => {
  const { life, lead } = await setUp([{ text: "x" }]);
  const store = { ...life.store, load: () => Promise.reject(new Error("It is gone.")) };
  await assert.rejects(drainQueue(workerPlatformOf(life), store, lead.signal), /It is gone/);
});
