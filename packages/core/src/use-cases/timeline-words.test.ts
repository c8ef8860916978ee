import assert from "node:assert/strict";
import { test } from "node:test";
import { type UploadEventType, type UploadRecord, uploadEventTypes } from "../upload.ts";
import { bytesInWords, durationInWords, timelineInWords } from "./timeline-words.ts";

const upload: UploadRecord = {
  id: "u",
  ownerId: "o",
  fileId: "f",
  state: "verifying",
  name: "secret-name.png",
  sizeBytes: 1203,
  contentType: "image/png",
  profile: "default",
  metadata: {},
  landingKey: "uploads/secret-key",
  storagePrefix: "files/secret-key",
  attempt: 1,
  failedAttempts: 1,
  lostClaims: 0,
  createdAtMs: 0,
  expiresAtMs: 1,
  urlsUntilMs: 1,
};

const wordsOf = (types: readonly UploadEventType[], over: Partial<UploadRecord> = {}): string[] =>
  timelineInWords(
    { ...upload, ...over },
    types.map((type, atMs) => ({ atMs, type, detail: "" })),
  ).map(({ detail }) => detail);

test("the way of a photograph reads as what happened to it", () => {
  assert.deepEqual(wordsOf(["created", "uploaded", "verifying"]), [
    "Announced: 1,203 bytes of image/png, to be sent by one PUT.",
    "The storage has all 1,203 bytes; waiting to be checked.",
    "Taken up by a worker.",
  ]);
});

test("a worker that stopped without a word is told by the one that comes after, and one that gave back is not", () => {
  assert.deepEqual(
    wordsOf(["uploaded", "verifying", "verifying", "postponed", "verifying"], { attempt: 3 }).slice(1),
    [
      "Taken up by a worker.",
      "Taken up by a worker, 2nd try: the worker before stopped without a word.",
      "Checking has to wait, and will be tried again.",
      "Taken up by a worker, 3rd try.",
    ],
  );
  // The head of a long timeline is not shown.
  assert.deepEqual(
    wordsOf(["postponed", "verifying"], { attempt: 112 })[1],
    "Taken up by a worker, 112th try.",
  );
});

test("what goes in parts says in how many, and what was turned was announced by one PUT", () => {
  const inParts = { sizeBytes: 20_000_001, multipart: { partSizeBytes: 8_388_608 } };
  assert.match(
    wordsOf(["created"], inParts)[0] ?? "",
    /20,000,001 bytes of image\/png, to be sent in 3 parts\.$/,
  );
  const [created, turned] = wordsOf(["created", "in-parts"], inParts);
  assert.match(created ?? "", /by one PUT\.$/);
  assert.match(turned ?? "", /^Turned into an upload in 3 parts: /);
});

test("every kind of event is a sentence, and none holds a name or a key", () => {
  for (const [index, sentence] of wordsOf(uploadEventTypes).entries()) {
    assert.match(sentence, /^[A-Z].{8,}\.$/, uploadEventTypes[index]);
    assert.doesNotMatch(sentence, /secret|undefined|NaN/);
  }
});

test("what was written with its cause stays as it was written", () => {
  const event = { atMs: 1, type: "aborted", detail: "Aborted by its owner." } as const;
  assert.deepEqual(timelineInWords(upload, [event]), [event]);
});

test("sizes and times are said in the units that people use", () => {
  assert.deepEqual([0, 1, 1203].map(bytesInWords), ["0 bytes", "1 byte", "1,203 bytes"]);
  assert.deepEqual([0, 1000, 8_000, 60_000, 600_000, 3_600_000, 7 * 86_400_000].map(durationInWords), [
    "1 second",
    "1 second",
    "8 seconds",
    "1 minute",
    "10 minutes",
    "1 hour",
    "7 days",
  ]);
});
