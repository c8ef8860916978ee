import assert from "node:assert/strict";
import { test } from "node:test";
import { MetadataUnavailableError } from "@stowage/core";
import { createMemoryMetadataStore } from "@stowage/core/testing";
import { systemClock } from "./adapters.ts";
import { persistEnds } from "./persist-ends.ts";

const command = {
  uploadId: "none",
  attempt: 1,
  result: { kind: "rejected", rejection: { code: "corrupt", detail: "" } },
  dooms: [],
} as const;

function awayStore(times: number) {
  let tries = 0;
  const memory = createMemoryMetadataStore({ clock: systemClock });
  const finishUpload: typeof memory.finishUpload = async (asked) => {
    tries += 1;
    if (tries <= times) throw new MetadataUnavailableError("It is locked.");
    return memory.finishUpload(asked);
  };
  return { metadata: { ...memory, finishUpload }, tries: () => tries };
}

test("an end is written once the database is there again, and each try in vain is told", async () => {
  const { metadata, tries } = awayStore(2);
  let told = 0;
  const patient = persistEnds(metadata, new AbortController().signal, () => {
    told += 1;
  });
  assert.equal(await patient.finishUpload(command), "stale");
  assert.deepEqual([tries(), told], [3, 2]);
});

test("a worker that stops, or has lost its claim, does not wait for the database", async () => {
  const { metadata } = awayStore(Number.POSITIVE_INFINITY);
  const stop = new AbortController();
  const patient = persistEnds(metadata, stop.signal, () => stop.abort());
  await assert.rejects(patient.finishUpload(command), MetadataUnavailableError);
});

test("what is no outage is told as it is", async () => {
  const memory = createMemoryMetadataStore({ clock: systemClock });
  const broken = { ...memory, finishUpload: () => Promise.reject(new RangeError("A mistake.")) };
  const patient = persistEnds(broken, new AbortController().signal, () => assert.fail("it was tried again"));
  await assert.rejects(patient.finishUpload(command), RangeError);
});
