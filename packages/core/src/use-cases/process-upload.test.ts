import assert from "node:assert/strict";
import { test } from "node:test";
import { leaseOfMs, longestClaimWaitMs, maxFailedAttempts, maxLostClaims } from "../limits.ts";
import { InspectorUnavailableError } from "../ports/inspector.ts";
import { type ObjectStore, StoreUnavailableError } from "../ports/object-store.ts";
import { defaultProfile } from "../profile.ts";
import { completeUpload } from "./complete-upload.ts";
import { getUpload } from "./get-upload.ts";
import { mintDownloads } from "./mint-downloads.ts";
import { createOneMachine, leaseMs, type OneMachine } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";
import { sweep } from "./sweep.ts";

const bytes = Buffer.from("not really a photograph");

async function completed(
  machine: OneMachine,
  content: Uint8Array = bytes,
  more: { readonly name?: string } = {},
) {
  const person = await machine.person("ann");
  const upload = await machine.announce(person, content, undefined, more);
  assert.equal(await machine.objects.receive(upload.request, content), 200);
  await completeUpload(machine.services, person, upload.id);
  return { person, ...upload };
}

const stateOf = async ({ services }: OneMachine, id: string) =>
  (await services.metadata.findUpload(id))?.state;

test("an upload becomes a file with what was learnt of its bytes, and nothing of it was visible before", async () => {
  const machine = createOneMachine();
  const { person, id, fileId } = await completed(machine);
  const before = await mintDownloads(machine.services, person, [{ id: fileId }]);
  assert.ok(before[0] && "refusal" in before[0]);
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
  assert.equal(await stateOf(machine, id), "ready");
  const file = await machine.services.metadata.findFile(fileId);
  assert.equal(file?.current.width, 40);
  assert.equal(file?.current.takenAtMs, Date.parse("2020-02-03T04:05:06Z"));
  assert.deepEqual(file?.current.derivatives.map(({ name }) => name).sort(), ["preview", "thumbnail"]);
  const [answer] = await mintDownloads(machine.services, person, [{ id: fileId }]);
  assert.ok(answer && "request" in answer);
  const served = await machine.objects.fetchBytes(answer.request);
  assert.deepEqual(Buffer.from(served.bytes), bytes);
});

test("a document becomes a file with its pages counted, and its timeline says why it has no picture", async () => {
  for (const [document, words] of [
    [
      { pageCount: 3, thumbhash: "1QcSHQRn" },
      /^Checked: application\/pdf, 3 pages, 23 bytes, SHA-256 as declared\. Not scanned for malware: no scanner is configured\.$/,
    ],
    [
      { pageCount: 1, undrawn: "timeout" },
      /, 1 page, .+ Its first page takes too long to draw: it has no thumbnail\. Not scanned/,
    ],
    [
      { passwordProtected: true },
      /It is protected by a password: its pages can't be counted or shown\. Not scanned/,
    ],
  ] as const) {
    const machine = createOneMachine();
    const { person, id, fileId } = await completed(machine, bytes, { name: "letter" });
    machine.inspectNext(({ declaredSha256: sha256 = "" }, { byteLength: sizeBytes }) => ({
      verdict: "accepted",
      sizeBytes,
      sha256,
      contentType: "application/pdf",
      document,
      derivatives: [],
    }));
    assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
    const current = (await machine.services.metadata.findFile(fileId))?.current;
    assert.equal(current?.pageCount, "pageCount" in document ? document.pageCount : undefined);
    assert.equal(current?.passwordProtected, "passwordProtected" in document ? true : undefined);
    assert.equal(current?.thumbhash, "thumbhash" in document ? document.thumbhash : undefined);
    const { events } = await getUpload(machine.services, person, id);
    assert.match(events.at(-1)?.detail ?? "", words);
  }
});

test("active content is kept and said, or refused by what it is, as the profile has it", async () => {
  for (const [activeContent, facts, outcome, words] of [
    [
      "flag",
      { activeContent: ["javascript", "embedded-files"] },
      "ready",
      / It contains scripts and other files: nothing of that is run here\./,
    ],
    ["flag", {}, "ready", /^Checked: application\/pdf, \d+ bytes, SHA-256 as declared\. Not scanned/],
    ["flag", { document: { passwordProtected: true } }, "ready", /protected by a password/],
    ["reject", {}, "ready", /^Checked/],
    [
      "reject",
      { activeContent: ["launch"] },
      "rejected",
      /^The file contains actions that start programs\. Files with active content are not taken here\.$/,
    ],
    [
      "reject",
      { document: { passwordProtected: true } },
      "rejected",
      /protected by a password, and may contain anything\./,
    ],
  ] as const) {
    const machine = createOneMachine({
      profiles: new Map([["default", { ...defaultProfile, activeContent }]]),
    });
    const { person, id, fileId } = await completed(machine, bytes, { name: "letter" });
    machine.inspectNext(({ declaredSha256: sha256 = "" }, { byteLength: sizeBytes }) => ({
      verdict: "accepted",
      sizeBytes,
      sha256,
      contentType: "application/pdf",
      derivatives: [],
      ...facts,
    }));
    assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, outcome);
    const { upload, events } = await getUpload(machine.services, person, id);
    assert.match(upload.rejection?.detail ?? events.at(-1)?.detail ?? "", words);
    if (outcome === "rejected") assert.equal(upload.rejection?.code, "active-content");
    else {
      const file = await machine.services.metadata.findFile(fileId);
      assert.deepEqual(
        file?.current.activeContent,
        "activeContent" in facts ? facts.activeContent : undefined,
      );
    }
  }
});

test("a video's length and size are kept", async () => {
  const machine = createOneMachine();
  const { fileId } = await completed(machine, bytes, { name: "film" });
  machine.inspectNext(({ declaredSha256: sha256 = "" }, { byteLength: sizeBytes }) => ({
    verdict: "accepted",
    sizeBytes,
    sha256,
    contentType: "video/mp4",
    video: { durationMs: 61_500, width: 1080, height: 1920 },
    derivatives: [],
  }));
  const { detail } = (await processUpload(machine.worker, await machine.claim())) as { detail: string };
  assert.match(detail, /^Checked: video\/mp4, .+, 23 bytes/);
  const current = (await machine.services.metadata.findFile(fileId))?.current;
  assert.deepEqual([current?.durationMs, current?.width, current?.height], [61_500, 1080, 1920]);
});

test("what is served is the copy that was checked, whatever lands under the upload's key later", async () => {
  const machine = createOneMachine({ capabilities: { enforcesIfNoneMatch: false, enforcesChecksum: false } });
  const { person, fileId, request } = await completed(machine);
  machine.inspectNext(async (inspected, body) => {
    await machine.objects.receive(
      request,
      Buffer.from("swapped while being checked!").subarray(0, bytes.byteLength),
    );
    return {
      verdict: "accepted",
      sizeBytes: body.byteLength,
      sha256: inspected.declaredSha256 ?? "",
      contentType: "image/jpeg",
      derivatives: [],
    };
  });
  await processUpload(machine.worker, await machine.claim());
  const [answer] = await mintDownloads(machine.services, person, [{ id: fileId }]);
  assert.ok(answer && "request" in answer);
  assert.deepEqual(Buffer.from((await machine.objects.fetchBytes(answer.request)).bytes), bytes);
});

test("a name that ends like another type than the content is refused, whatever the content is", async () => {
  const machine = createOneMachine();
  const { person, id } = await completed(machine, bytes, { name: "invoice.html" });
  machine.inspectNext(({ declaredSha256: sha256 = "" }, { byteLength: sizeBytes }) => ({
    verdict: "accepted",
    sizeBytes,
    sha256,
    contentType: "application/pdf",
    derivatives: [],
  }));
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "rejected");
  const { upload: ended } = await getUpload(machine.services, person, id);
  assert.deepEqual(ended.rejection, {
    code: "type-mismatch",
    detail: "The file's name ends like one of type text/html, but its content is application/pdf.",
  });
});

test("a rejected upload says why, frees its reservation and leaves no object after its URL has ended", async () => {
  const machine = createOneMachine();
  const { person, id, fileId } = await completed(machine);
  machine.inspectNext(() => ({
    verdict: "rejected",
    code: "corrupt",
    detail: "It breaks off in the middle.",
  }));
  assert.deepEqual(await processUpload(machine.worker, await machine.claim()), {
    outcome: "rejected",
    detail: "It breaks off in the middle.",
  });
  const upload = await machine.services.metadata.findUpload(id);
  assert.deepEqual(upload?.rejection, { code: "corrupt", detail: "It breaks off in the middle." });
  assert.equal(await machine.services.metadata.findFile(fileId), undefined);
  const principal = await machine.services.metadata.findPrincipal(person.id);
  assert.deepEqual([principal?.usedBytes, principal?.reservedBytes, principal?.openUploads], [0, 0, 0]);
  machine.advance(20 * 60_000);
  await sweep({ ...machine.services });
  assert.equal(machine.objects.objects.size, 0);
});

test("an outage of store or inspector consumes no attempt, however long it lasts", async () => {
  const machine = createOneMachine();
  const { id } = await completed(machine);
  for (let round = 0; round < 3 * maxFailedAttempts; round += 1) {
    machine.inspectNext(() => {
      throw round % 2 ? new InspectorUnavailableError("down") : new StoreUnavailableError("down");
    });
    assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "postponed");
    assert.equal(await machine.services.metadata.claimUpload({ leaseMs }), undefined, "not at once again");
    machine.advance(120_000);
  }
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
  assert.equal(await stateOf(machine, id), "ready");
});

/** Objects whose content breaks off after some bytes, each time it is read. */
const damaged = (
  { objects }: OneMachine,
  from: "its middle" | "its beginning" = "its middle",
): ObjectStore => ({
  ...objects,
  async get(key, options) {
    const object = await objects.get(key, options);
    if (from === "its beginning") throw new StoreUnavailableError(`GET ${key}: 500`);
    async function* breakOff(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of body) {
        yield chunk.subarray(0, 10);
        throw new StoreUnavailableError("the store broke off");
      }
    }
    return object && { ...object, body: breakOff(object.body) };
  },
});

for (const from of ["its middle", "its beginning"] as const)
  test(`bytes that the store can't give out from ${from} on come to an end too, but not within half an hour`, async () => {
    const machine = createOneMachine();
    const { person, id } = await completed(machine);
    const worker = { ...machine.worker, objects: damaged(machine, from) };
    const beganAtMs = machine.services.clock.nowMs();
    for (let round = 0; round < maxFailedAttempts; round += 1) {
      const { outcome } = await processUpload(worker, await machine.claim());
      assert.equal(outcome, "postponed");
      machine.advance(9 * 60_000);
      assert.equal(await machine.services.metadata.claimUpload({ leaseMs }), undefined, "not soon again");
      machine.advance(2 * 60_000);
    }
    assert.ok(machine.services.clock.nowMs() - beganAtMs > 30 * 60_000);
    assert.equal((await processUpload(worker, await machine.claim())).outcome, "rejected");
    const { events } = await getUpload(machine.services, person, id);
    assert.match(events.findLast(({ type }) => type === "postponed")?.detail ?? "", /does not give out all/);
    const principal = await machine.services.metadata.findPrincipal(person.id);
    assert.deepEqual([principal?.reservedBytes, principal?.openUploads], [0, 0]);
  });

test("a download that breaks off because the store goes away consumes no attempt", async () => {
  const machine = createOneMachine();
  await completed(machine);
  const isAway = () => Promise.reject(new StoreUnavailableError("connection refused"));
  const away = { ...machine.worker, objects: { ...damaged(machine), list: isAway } };
  for (let round = 0; round < 2 * maxFailedAttempts; round += 1) {
    assert.equal((await processUpload(away, await machine.claim())).outcome, "postponed");
    machine.advance(120_000);
  }
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
});

test("a store that comes back while it is asked again has not damaged anything", async () => {
  const machine = createOneMachine();
  await completed(machine);
  let callsUntilBack = 0;
  const unlessAway = <Call extends keyof ObjectStore>(call: Call): ObjectStore[Call] =>
    (async (...values: unknown[]) => {
      callsUntilBack -= 1;
      const from = callsUntilBack < 0 ? machine.objects : damaged(machine, "its beginning");
      if (callsUntilBack >= 0 && call === "list") throw new StoreUnavailableError("connection refused");
      return Reflect.apply(from[call] as () => unknown, from, values);
    }) as ObjectStore[Call];
  const objects = { ...machine.objects, get: unlessAway("get"), list: unlessAway("list") };
  for (let calls = 1; calls <= 4; calls += 1) {
    callsUntilBack = calls;
    const claimed = await machine.claim();
    assert.equal((await processUpload({ ...machine.worker, objects }, claimed)).outcome, "postponed");
    assert.equal((await machine.services.metadata.findUpload(claimed.id))?.failedAttempts, 0, `${calls}`);
    machine.advance(120_000);
  }
});

test("a download that broke off once is no damage", async () => {
  const machine = createOneMachine();
  await completed(machine);
  let reads = 0;
  const objects: ObjectStore = {
    ...machine.objects,
    get: (key, options) => {
      reads += 1;
      return (reads === 1 ? damaged(machine) : machine.objects).get(key, options);
    },
  };
  for (let round = 0; round < 2 * maxFailedAttempts; round += 1) {
    reads = 0;
    assert.equal(
      (await processUpload({ ...machine.worker, objects }, await machine.claim())).outcome,
      "postponed",
    );
    machine.advance(120_000);
  }
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
});

test("a file that breaks its checker five times is rejected", async () => {
  const machine = createOneMachine();
  const { id } = await completed(machine);
  for (let round = 0; round < maxFailedAttempts; round += 1) {
    machine.inspectNext(() => {
      throw new TypeError("a bug");
    });
    assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "postponed");
    machine.advance(120_000);
  }
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "rejected");
  assert.equal((await machine.services.metadata.findUpload(id))?.rejection?.code, "processing-failed");
});

/** Has workers die over what was completed, one after the other; answers how long that took. */
async function loseClaims(machine: OneMachine, times: number): Promise<number> {
  const beganAtMs = machine.services.clock.nowMs();
  for (let lost = 0; lost < times; lost += 1) {
    const { leaseUntilMs = 0 } = await machine.claim();
    machine.advance(leaseUntilMs + 1 - machine.services.clock.nowMs());
  }
  return machine.services.clock.nowMs() - beganAtMs;
}

test("a file whose workers die ten times is rejected, not tried for ever, and not within half an hour", async () => {
  const machine = createOneMachine();
  const { person, id } = await completed(machine);
  assert.ok((await loseClaims(machine, maxLostClaims)) > 60 * leaseMs, "half an hour where a lease is 30 s");
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "rejected");
  const { rejection } = (await getUpload(machine.services, person, id)).upload;
  assert.equal(rejection?.code, "processing-failed");
  assert.match(rejection?.detail ?? "", /^Checking this file was broken off 10 times/);
});

test("a file whose workers die nine times, none of them by it, is ready", async () => {
  const machine = createOneMachine();
  const { id } = await completed(machine);
  await loseClaims(machine, maxLostClaims - 1);
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
  assert.equal(await stateOf(machine, id), "ready");
});

test("workers that died use up none of the tries that a file has of its own", async () => {
  const machine = createOneMachine();
  const { id } = await completed(machine);
  await loseClaims(machine, 3);
  for (let round = 0; round < maxFailedAttempts; round += 1) {
    machine.inspectNext(() => {
      throw new TypeError("a bug");
    });
    assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "postponed");
    machine.advance(120_000);
  }
  const upload = await machine.services.metadata.findUpload(id);
  assert.deepEqual([upload?.failedAttempts, upload?.lostClaims], [maxFailedAttempts, 3]);
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "rejected");
});

test("a lease grows with the claims that were lost, never beyond what anything waits", () => {
  const leases = (lease: number) => Array.from({ length: 9 }, (_, lost) => leaseOfMs(lease, lost) / lease);
  assert.deepEqual(leases(30_000), [1, 1, 1, 2, 4, 8, 16, 16, 16]);
  assert.equal(leaseOfMs(120_000, 9), longestClaimWaitMs);
  assert.equal(leaseOfMs(2 * longestClaimWaitMs, 9), 2 * longestClaimWaitMs);
});

test("a worker that wakes late changes nothing, and what it wrote is deleted", async () => {
  const machine = createOneMachine();
  const { id, fileId } = await completed(machine);
  const late = await machine.claim();
  machine.advance(leaseMs + 1);
  const next = await machine.claim();
  assert.equal(next.attempt, late.attempt + 1);
  assert.equal((await processUpload(machine.worker, next)).outcome, "ready");
  const before = await machine.services.metadata.findFile(fileId);
  assert.deepEqual(await processUpload(machine.worker, late), { outcome: "stale" });
  assert.deepEqual(await machine.services.metadata.findFile(fileId), before);
  assert.equal(await stateOf(machine, id), "ready");
  machine.advance(20 * 60_000);
  await sweep({ ...machine.services });
  const kept = [before?.current.key, ...(before?.current.derivatives.map(({ key }) => key) ?? [])].sort();
  assert.deepEqual([...machine.objects.objects.keys()].sort(), kept);
});

test("a worker that is told to stop gives the upload back without consuming an attempt", async () => {
  const machine = createOneMachine();
  const { id } = await completed(machine);
  const stopping = new AbortController();
  machine.inspectNext(() => {
    stopping.abort();
    throw new Error("stopped");
  });
  assert.equal(
    (await processUpload(machine.worker, await machine.claim(), stopping.signal)).outcome,
    "postponed",
  );
  assert.equal((await machine.services.metadata.findUpload(id))?.failedAttempts, 0);
});

test("bytes that the store has lost reject the upload in words", async () => {
  const machine = createOneMachine();
  const { id } = await completed(machine);
  for (const key of [...machine.objects.objects.keys()]) await machine.objects.delete(key);
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "rejected");
  assert.match(
    (await machine.services.metadata.findUpload(id))?.rejection?.detail ?? "",
    /no longer has the bytes/,
  );
});
