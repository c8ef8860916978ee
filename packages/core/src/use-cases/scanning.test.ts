import assert from "node:assert/strict";
import { test } from "node:test";
import { InspectorUnavailableError } from "../ports/inspector.ts";
import { type Scanner, ScannerUnavailableError, scannerFailures } from "../ports/scanner.ts";
import { createMemoryScanner } from "../testing/memory-scanner.ts";
import { completeUpload } from "./complete-upload.ts";
import { getUpload } from "./get-upload.ts";
import { inspectAndScan } from "./inspect-and-scan.ts";
import { mintDownloads } from "./mint-downloads.ts";
import { createOneMachine, type OneMachine } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";
import { sweep } from "./sweep.ts";

const bytes = Buffer.from("not really a photograph");
const bad = Buffer.from("a photograph with something bad in it");

async function completed(machine: OneMachine, content: Uint8Array = bytes) {
  const person = await machine.person("ann");
  const upload = await machine.announce(person, content);
  assert.equal(await machine.objects.receive(upload.request, content), 200);
  await completeUpload(machine.services, person, upload.id);
  return { person, ...upload };
}

function scannerThatKnowsBad() {
  const scanner = createMemoryScanner();
  scanner.signatures.set("Bad.Thing", "something bad");
  return scanner;
}

test("what the scanner calls clean is ready, and its timeline says who said so", async () => {
  const scanner = scannerThatKnowsBad();
  const machine = createOneMachine({ scanner });
  const { person, id } = await completed(machine);
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
  assert.equal(scanner.scanned.count, 1);
  const { events } = await getUpload(machine.services, person, id);
  assert.match(
    events.at(-1)?.detail ?? "",
    /Scanned for malware, and none found \(Memory, 1 signatures\)\.$/,
  );
});

test("malware is rejected as such, whatever else is wrong with the file, and nothing of it is kept", async () => {
  for (const inspect of ["accepts", "refuses", "fails"] as const) {
    const machine = createOneMachine({ scanner: scannerThatKnowsBad() });
    const { person, id, fileId } = await completed(machine, bad);
    if (inspect !== "accepts")
      machine.inspectNext(() => {
        if (inspect === "fails") throw new InspectorUnavailableError("down");
        return { verdict: "rejected", code: "corrupt", detail: "Not a photograph." };
      });
    assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "rejected");
    const upload = await machine.services.metadata.findUpload(id);
    assert.equal(upload?.rejection?.code, "malware");
    assert.equal(
      upload?.rejection?.detail,
      "Malware was found in this file: Bad.Thing (Memory, 1 signatures).",
    );
    const [answer] = await mintDownloads(machine.services, person, [{ id: fileId }]);
    assert.ok(answer && "refusal" in answer);
    machine.advance(20 * 60_000);
    await sweep({ ...machine.services });
    assert.deepEqual([...machine.objects.objects.keys()], []);
  }
});

test("a scanner that is away for hours makes files wait, consumes no attempt, and says so in words", async () => {
  const scanner = scannerThatKnowsBad();
  scanner.isDown = true;
  const machine = createOneMachine({ scanner });
  const { person, id, fileId } = await completed(machine);
  for (let round = 0; round < 12; round += 1) {
    assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "postponed");
    const [answer] = await mintDownloads(machine.services, person, [{ id: fileId }]);
    assert.ok(answer && "refusal" in answer);
    machine.advance(120_000);
  }
  const { events } = await getUpload(machine.services, person, id);
  assert.match(
    events.at(-1)?.detail ?? "",
    /^Checking has to wait: the malware scanner can't be reached; again in /,
  );
  assert.equal((await machine.services.metadata.findUpload(id))?.failedAttempts, 0);
  scanner.isDown = false;
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
});

test("each way in which a scanner fails is said in words", async () => {
  for (const failure of scannerFailures) {
    const scanner: Scanner = {
      maxSizeBytes: 10,
      scan: async () => {
        throw new ScannerUnavailableError(failure, "secret address");
      },
    };
    const machine = createOneMachine({ scanner });
    await completed(machine);
    const outcome = await processUpload(machine.worker, await machine.claim());
    assert.ok(outcome.outcome === "postponed", failure);
    assert.match(outcome.detail, /^Checking has to wait: the (malware scanner|checker) [a-z' ,]+; again in /);
  }
});

test("a scanner that calls clean what it has not seen whole is not believed", async () => {
  const scanner: Scanner = {
    maxSizeBytes: 1000,
    scan: async () => ({ verdict: "clean", scanner: "hasty" }),
  };
  const machine = createOneMachine({ scanner });
  const { id } = await completed(machine);
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "postponed");
  assert.equal((await machine.services.metadata.findUpload(id))?.failedAttempts, 0);
});

const requestOf = (body: AsyncIterable<Uint8Array>) => ({
  body,
  declaredContentType: "image/jpeg",
  declaredSizeBytes: 1000,
  allowedContentTypes: [],
  derivatives: [],
});

async function* chunks(count: number, read: { count: number }): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) {
    read.count += 1;
    yield Buffer.from([index]);
  }
}

test("the slower of the two sets the pace: neither is ever more than two chunks behind what was read", async () => {
  for (const slow of ["scanner", "inspector"] as const) {
    const read = { count: 0 };
    const seen = { scanner: 0, inspector: 0 };
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const take = async (who: "scanner" | "inspector", body: AsyncIterable<Uint8Array>) => {
      for await (const _ of body) {
        seen[who] += 1;
        assert.ok(read.count - seen[who] <= 2, `${who} is ${read.count - seen[who]} behind`);
        if (who === slow) for (let wait = 0; wait < 5; wait += 1) await turn();
      }
    };
    const { inspection, scanner } = await inspectAndScan(
      {
        inspect: async ({ body }) => {
          await take("inspector", body);
          return { verdict: "accepted", sizeBytes: 1, sha256: "", contentType: "", derivatives: [] };
        },
      },
      {
        maxSizeBytes: 1000,
        scan: async (body) => {
          await take("scanner", body);
          return { verdict: "clean", scanner: "slow" };
        },
      },
      requestOf(chunks(50, read)),
    );
    assert.equal(inspection.verdict, "accepted");
    assert.equal(scanner, "slow");
    assert.deepEqual(seen, { scanner: 50, inspector: 50 });
    assert.equal(read.count, 50);
  }
});

test("nothing is decoded before the scanner has called it clean", async () => {
  const order: string[] = [];
  await inspectAndScan(
    {
      inspect: async ({ body }) => {
        for await (const _ of body);
        order.push("decoded");
        return { verdict: "accepted", sizeBytes: 1, sha256: "", contentType: "", derivatives: [] };
      },
    },
    {
      maxSizeBytes: 1000,
      scan: async (body) => {
        for await (const _ of body);
        for (let wait = 0; wait < 20; wait += 1) await new Promise((resolve) => setImmediate(resolve));
        order.push("clean");
        return { verdict: "clean", scanner: "slow" };
      },
    },
    requestOf(chunks(3, { count: 0 })),
  );
  assert.deepEqual(order, ["clean", "decoded"]);
});

test("what the scanner finds in the first chunk is not read to its end, and frees an inspector that waits", async () => {
  const read = { count: 0 };
  const { inspection } = await inspectAndScan(
    {
      inspect: async ({ body, signal }) => {
        await new Promise((_, reject) => {
          signal?.addEventListener("abort", () => reject(new InspectorUnavailableError("aborted")));
          (async () => {
            for await (const _ of body);
          })().catch(reject);
        });
        throw new Error("never here");
      },
    },
    {
      maxSizeBytes: 1000,
      scan: async (body) => {
        for await (const _ of body) return { verdict: "infected", scanner: "quick", name: "Bad.Thing" };
        throw new Error("never here");
      },
    },
    requestOf(chunks(1000, read)),
  );
  assert.ok(inspection.verdict === "rejected" && inspection.code === "malware");
  assert.ok(read.count < 5, `${read.count} chunks were read`);
});

test("an inspector that refuses before the end ends the scan, and its verdict stands", async () => {
  const scanEnd = Promise.withResolvers<void>();
  const { inspection, scanner } = await inspectAndScan(
    {
      inspect: async ({ body }) => {
        for await (const _ of body) break;
        return { verdict: "rejected", code: "size-mismatch", detail: "Too many bytes." };
      },
    },
    {
      maxSizeBytes: 1000,
      scan: (_body, { signal }) =>
        new Promise((_, reject) => {
          signal?.addEventListener("abort", () => {
            scanEnd.resolve();
            reject(new ScannerUnavailableError("aborted", "told to"));
          });
          _body[Symbol.asyncIterator]().next().catch(reject);
        }),
    },
    requestOf(chunks(1000, { count: 0 })),
  );
  await scanEnd.promise;
  assert.ok(inspection.verdict === "rejected" && inspection.code === "size-mismatch");
  assert.equal(scanner, undefined);
});

test("a source that breaks off is told as what it was, not as the scanner's fault", async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield bytes;
    throw new InspectorUnavailableError("the store is gone");
  }
  await assert.rejects(
    inspectAndScan(
      {
        inspect: async ({ body }) => {
          for await (const _ of body);
          throw new Error("never here");
        },
      },
      createMemoryScanner(),
      requestOf(broken()),
    ),
    /the store is gone/,
  );
});
