import assert from "node:assert/strict";
import { test } from "node:test";
import type { Rendition } from "../file.ts";
import { lateWriterMs, maxFailedMakes } from "../limits.ts";
import type { DerivativeSpec, Inspection, InspectionRequest } from "../ports/inspector.ts";
import { InspectorUnavailableError } from "../ports/inspector.ts";
import { defaultProfile, type Profile } from "../profile.ts";
import { stripperVersion } from "../rendition.ts";
import { assertSound } from "./assert-sound.testing.ts";
import { changeFile } from "./change-file.ts";
import { completeUpload } from "./complete-upload.ts";
import { dieEverywhere, minuteMs, type Step } from "./die-everywhere.testing.ts";
import { type MakeOutcome, makeDerivative } from "./make-derivative.ts";
import { type DownloadRequest, mintDownloads } from "./mint-downloads.ts";
import { createOneMachine, leaseMs, type OneMachine, sha256Of } from "./one-machine.testing.ts";
import { processUpload, type WorkerPorts } from "./process-upload.ts";
import { purgeFile } from "./purge-file.ts";
import { rederive } from "./rederive.ts";
import { sweep } from "./sweep.ts";
import { trashFile } from "./trash-file.ts";

const square: DerivativeSpec = { name: "square", width: 9, height: 9, fit: "cover", make: "ask" };
const thumbnail: DerivativeSpec = { name: "thumbnail", width: 5, height: 5, fit: "contain" };
const page: DerivativeSpec = { name: "page", of: "document", width: 7, height: 7, fit: "contain" };

const profilesOf = (...derivatives: readonly DerivativeSpec[]): ReadonlyMap<string, Profile> =>
  new Map([["default", { ...defaultProfile, derivatives }]]);

interface Subject {
  readonly ann: { readonly id: string };
  readonly fileId: string;
}

async function own(machine: OneMachine, contentType = "image/jpeg", metadata = {}): Promise<Subject> {
  const ann = await machine.person("ann");
  const bytes = Buffer.from("a photograph");
  const { id, fileId, request } = await machine.announce(ann, bytes, undefined, {
    contentType,
    metadata,
    name: { "application/pdf": "report.pdf", "video/mp4": "film.mp4" }[contentType] ?? "photo.jpg",
  });
  await machine.objects.receive(request, bytes);
  await completeUpload(machine.services, ann, id);
  if (contentType === "application/pdf")
    machine.inspectNext(() => acceptPdf({ derivatives: [] }, Buffer.from(bytes)));
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
  return { ann, fileId };
}

/** What others get of what only is no matter here. */
const rendition = { kind: "original", version: stripperVersion } as const;

const acceptJpeg = (body: Uint8Array): Inspection & { readonly verdict: "accepted" } => ({
  verdict: "accepted",
  sizeBytes: body.byteLength,
  sha256: sha256Of(body),
  contentType: "image/jpeg",
  rendition,
  derivatives: [],
});

/** A document of three pages, whose pictures say which they are of. */
function acceptPdf(
  { derivatives, page: number = 1 }: Pick<InspectionRequest, "derivatives" | "page">,
  body: Uint8Array,
): Inspection {
  return {
    verdict: "accepted",
    sizeBytes: body.byteLength,
    sha256: sha256Of(body),
    contentType: "application/pdf",
    document: { pageCount: 3 },
    derivatives: derivatives.map(({ name }) => {
      const bytes = Buffer.from(`${name} of page ${number}`);
      return { name, contentType: "image/webp", width: 4, height: 3, bytes, sha256: sha256Of(bytes) };
    }),
  };
}

/** Without what it says of the file, and without a picture. */
const accepted = { verdict: "accepted", sizeBytes: 12, sha256: "", derivatives: [] } as const;

async function answerOf(
  { services }: OneMachine,
  { ann, fileId }: Subject,
  request: Omit<DownloadRequest, "id">,
) {
  const [answer] = await mintDownloads(services, ann, [{ id: fileId, ...request }]);
  assert.ok(answer);
  return answer;
}

async function codeOf(machine: OneMachine, subject: Subject, request: Omit<DownloadRequest, "id">) {
  const answer = await answerOf(machine, subject, request);
  return "refusal" in answer ? answer.refusal.code : "given";
}

async function textOf(machine: OneMachine, subject: Subject, request: Omit<DownloadRequest, "id">) {
  const answer = await answerOf(machine, subject, request);
  assert.ok("request" in answer, JSON.stringify(answer));
  const { bytes, headers } = await machine.objects.fetchBytes(answer.request);
  return [Buffer.from(bytes).toString(), headers.get("content-disposition")?.split("''")[1]];
}

async function makeNext(worker: WorkerPorts): Promise<MakeOutcome | undefined> {
  const task = await worker.metadata.claimDerivative({ leaseMs, keyPart: "k" });
  return task && makeDerivative(worker, task);
}

async function settleSound(machine: OneMachine, ann: { id: string }, where: string): Promise<void> {
  machine.advance(15 * minuteMs);
  await sweep(machine.services);
  await assertSound(machine, ann, where);
}

test("a derivative for the asking is made at the first ask, by one maker, and is there from then on", async () => {
  const machine = createOneMachine({ profiles: profilesOf(thumbnail, square) });
  const subject = await own(machine);
  const { fileId, ann } = subject;
  const file = await machine.services.metadata.findFile(fileId);
  assert.deepEqual(
    file?.current.derivatives.map(({ name, madeAs }) => `${name} ${madeAs}`),
    ["thumbnail 5x5-contain-webp"],
  );
  const wakes = machine.wakes.count;
  const asked = { derivative: "square" };
  const answers = await Promise.all([1, 2, 3].map(() => codeOf(machine, subject, asked)));
  assert.deepEqual(answers, ["derivative-pending", "derivative-pending", "derivative-pending"]);
  assert.equal(machine.wakes.count, wakes + 1);
  assert.deepEqual(await makeNext(machine.worker), { outcome: "made" });
  assert.equal(await makeNext(machine.worker), undefined);
  assert.deepEqual(await textOf(machine, subject, asked), ["picture square", "photo-square.webp"]);
  await settleSound(machine, ann, "made");
});

test("a document's further pages are made one by one, and named by their number", async () => {
  const machine = createOneMachine({ profiles: profilesOf(page, square) });
  const subject = await own(machine, "application/pdf");
  const first = { derivative: "page", page: 1 };
  assert.equal(await codeOf(machine, subject, first), "derivative-pending", "it had none at all");
  for (const number of [0, 4, -1])
    assert.equal(await codeOf(machine, subject, { derivative: "page", page: number }), "not-found");
  assert.equal(await codeOf(machine, subject, { page: 2 }), "not-found", "the original has no pages");
  const third = { derivative: "page", page: 3 };
  assert.equal(await codeOf(machine, subject, third), "derivative-pending");
  for (const _ of [1, 2]) {
    machine.inspectNext(acceptPdf);
    assert.deepEqual(await makeNext(machine.worker), { outcome: "made" });
  }
  assert.deepEqual(await textOf(machine, subject, third), ["page of page 3", "report-page-3.webp"]);
  assert.deepEqual(await textOf(machine, subject, first), ["page of page 1", "report-page.webp"]);
  await settleSound(machine, subject.ann, "pages");
});

test("nobody is given, and nothing is made, of what is not theirs, not ready or not of that kind", async () => {
  const machine = createOneMachine({ profiles: profilesOf(square, page) });
  const subject = await own(machine);
  const bob = await machine.person("bob");
  assert.equal(await codeOf(machine, { ...subject, ann: bob }, { derivative: "square" }), "not-found");
  for (const derivative of ["page", "wide", "constructor"])
    assert.equal(await codeOf(machine, subject, { derivative }), "not-found");
  await trashFile(machine.services, subject.ann, subject.fileId, "any");
  assert.equal(await codeOf(machine, subject, { derivative: "square" }), "not-found");
  assert.equal(await makeNext(machine.worker), undefined);
});

test("a video of before has pictures made of it where a worker takes frames, and is not read again where none does", async () => {
  const machine = createOneMachine({ profiles: profilesOf(page) });
  const subject = await own(machine, "video/mp4");
  const services = { ...machine.services, profiles: profilesOf(page, thumbnail, square) };
  const without = { ...machine, services };
  assert.equal(await codeOf(without, subject, { derivative: "thumbnail" }), "not-found");
  assert.equal((await rederive(services)).derivatives.asked, 0);
  const withFrames = { ...machine, services: { ...services, drawsVideos: true } };
  assert.equal(await codeOf(withFrames, subject, { derivative: "square" }), "derivative-pending");
  assert.equal(await codeOf(withFrames, subject, { derivative: "page" }), "not-found", "a document's");
  assert.equal((await rederive(withFrames.services)).derivatives.asked, 1);
  const worker = { ...machine.worker, profiles: services.profiles };
  for (const _ of [1, 2]) assert.deepEqual(await makeNext(worker), { outcome: "made" });
  for (const derivative of ["thumbnail", "square"])
    assert.equal(await codeOf(without, subject, { derivative }), "given");
});

const failures: readonly (readonly [string, Inspection])[] = [
  ["a time-out", { verdict: "rejected", code: "timeout", detail: "It takes too long." }],
  ["a crash", { verdict: "rejected", code: "processing-failed", detail: "Reading it ended the program." }],
  ...(["timeout", "memory", "failed"] as const).map((undrawn): [string, Inspection] => [
    `a page undrawn: ${undrawn}`,
    { ...accepted, contentType: "application/pdf", document: { pageCount: 3, undrawn } },
  ]),
  ...(["timeout", "memory", "failed"] as const).map((undrawn): [string, Inspection] => [
    `a film undrawn: ${undrawn}`,
    { ...accepted, contentType: "video/mp4", video: { undrawn } },
  ]),
];

test("what may come out otherwise another time costs an attempt, and is tried again after a while", async () => {
  for (const [what, inspection] of failures) {
    const machine = createOneMachine({ profiles: profilesOf(square) });
    const subject = await own(machine);
    const asked = { derivative: "square" };
    await codeOf(machine, subject, asked);
    machine.inspectNext(() => inspection);
    assert.equal((await makeNext(machine.worker))?.outcome, "postponed", what);
    assert.equal(await codeOf(machine, subject, asked), "derivative-pending", what);
    machine.advance(4_999);
    assert.equal(await makeNext(machine.worker), undefined, "not at once");
    machine.advance(1);
    assert.deepEqual(await makeNext(machine.worker), { outcome: "made" }, what);
    assert.equal(await codeOf(machine, subject, asked), "given", what);
  }
});

test("what can't be made is said, and tried again only once rederive has forgotten it", async () => {
  const lasting: readonly Inspection[] = [
    { verdict: "rejected", code: "corrupt", detail: "It is damaged." },
    { ...accepted, contentType: "image/jpeg" },
    { ...accepted, contentType: "video/mp4", video: { undrawn: "no-frame" } },
  ];
  for (const inspection of lasting) {
    const machine = createOneMachine({ profiles: profilesOf(square) });
    const subject = await own(machine);
    const asked = { derivative: "square" };
    await codeOf(machine, subject, asked);
    machine.inspectNext(() => inspection);
    assert.deepEqual(await makeNext(machine.worker), { outcome: "failed" });
    const answer = await answerOf(machine, subject, asked);
    assert.ok("refusal" in answer);
    assert.match(
      answer.refusal.detail,
      /^It could not be made\. (It is damaged|No picture can be made of it)\.$/,
    );
    assert.equal(await makeNext(machine.worker), undefined);
    assert.equal((await rederive(machine.services, { dryRun: true })).forgotten, 0);
    assert.equal((await rederive(machine.services, { profile: "report" })).forgotten, 0);
    assert.equal(await codeOf(machine, subject, asked), "not-found");
    assert.equal((await rederive(machine.services)).forgotten, 1);
    assert.equal(await codeOf(machine, subject, asked), "derivative-pending");
    assert.deepEqual(await makeNext(machine.worker), { outcome: "made" });
  }
});

test("an outage costs no attempt; a maker that fails again and again is given up, later each time", async () => {
  const machine = createOneMachine({ profiles: profilesOf(square) });
  const subject = await own(machine);
  await codeOf(machine, subject, { derivative: "square" });
  const fail = async (error: Error, waitMs: number) => {
    machine.inspectNext(() => {
      throw error;
    });
    const outcome = (await makeNext(machine.worker))?.outcome;
    machine.advance(waitMs - 1);
    assert.equal(await makeNext(machine.worker), undefined);
    machine.advance(1);
    return outcome;
  };
  for (const seconds of [2, 4, 8, 16, 30, 30])
    assert.equal(await fail(new InspectorUnavailableError("Not now."), seconds * 1000), "postponed");
  for (const seconds of [5, 30, 180])
    assert.equal(await fail(new Error("A mistake of ours."), seconds * 1000), "postponed");
  assert.equal(maxFailedMakes, 3);
  assert.deepEqual(await makeNext(machine.worker), { outcome: "failed" });
});

test("a file that is purged while a derivative is made leaves no bytes", async () => {
  const machine = createOneMachine({ profiles: profilesOf(square) });
  const subject = await own(machine);
  await codeOf(machine, subject, { derivative: "square" });
  machine.inspectNext(async (_, body) => {
    await trashFile(machine.services, subject.ann, subject.fileId, "any");
    await purgeFile(machine.services, subject.ann, subject.fileId, "any");
    const bytes = Buffer.from("late");
    return {
      verdict: "accepted",
      sizeBytes: body.byteLength,
      sha256: sha256Of(body),
      contentType: "image/jpeg",
      derivatives: [
        { name: "square", contentType: "image/webp", width: 1, height: 1, bytes, sha256: sha256Of(bytes) },
      ],
    };
  });
  assert.deepEqual(await makeNext(machine.worker), { outcome: "stale" });
  machine.advance(lateWriterMs + 20 * minuteMs);
  await sweep(machine.services);
  assert.deepEqual([...machine.objects.objects.keys()], []);
});

test("focus in the file's metadata is what it is made by, and rederive follows a change of it", async () => {
  const machine = createOneMachine({ profiles: profilesOf({ ...square, make: "verify" }) });
  const { fileId } = await own(machine, "image/jpeg", { focus: "0.1,0.2" });
  const { metadata } = machine.services;
  const madeAs = async () => (await metadata.findFile(fileId))?.current.derivatives[0]?.madeAs;
  assert.equal(await madeAs(), "9x9-cover-webp-focus-0.1,0.2");
  assert.equal((await rederive(machine.services)).derivatives.asked, 0);
  await metadata.changeFile({
    fileId,
    revision: 1,
    actor: "system",
    change: { metadata: { focus: "0.9,0.2" } },
  });
  assert.equal((await rederive(machine.services)).derivatives.asked, 1);
  await makeNext(machine.worker);
  assert.equal(await madeAs(), "9x9-cover-webp-focus-0.9,0.2");
});

test("a change of what the metadata crops has that made anew, and nothing else is", async () => {
  const machine = createOneMachine({ profiles: profilesOf(thumbnail, { ...square, make: "verify" }) });
  const { ann, fileId } = await own(machine, "image/jpeg", { focus: "0.1,0.2" });
  const change = (metadata: Record<string, string>) =>
    changeFile(machine.services, ann, fileId, "any", { metadata });
  await change({ focus: "0.1,0.2", step: "2" });
  await change({ focus: "0.1,0.20", step: "3" });
  assert.equal(await makeNext(machine.worker), undefined, "it is where it was");
  await change({ focus: "0.9,0.2" });
  assert.deepEqual(await makeNext(machine.worker), { outcome: "made" });
  assert.equal(await makeNext(machine.worker), undefined);
  const file = await machine.services.metadata.findFile(fileId);
  assert.deepEqual(
    file?.current.derivatives.map(({ madeAs }) => madeAs),
    ["5x5-contain-webp", "9x9-cover-webp-focus-0.9,0.2"],
  );
  await settleSound(machine, ann, "cropped anew");
});

test("rederive asks for what a changed profile lacks or has otherwise, once, and leaves the rest", async () => {
  const machine = createOneMachine({ profiles: profilesOf(thumbnail, page) });
  const subject = await own(machine);
  const wider = { ...thumbnail, width: 6 };
  const small: DerivativeSpec = { name: "small", width: 2, height: 2, fit: "contain", format: "jpeg" };
  const changed = { ...machine.services, profiles: profilesOf(wider, small, square, page) };
  const found: string[] = [];
  const dry = await rederive(changed, {
    dryRun: true,
    onDerivative: ({ name, madeAs, outcome }) => found.push(`${name} ${madeAs} ${outcome}`),
  });
  assert.deepEqual(found, ["thumbnail 6x5-contain-webp found", "small 2x2-contain-jpeg found"]);
  assert.deepEqual(dry, { versions: 1, derivatives: { found: 2, asked: 0, waiting: 0 }, forgotten: 0 });
  assert.equal((await rederive(changed, { profile: "report" })).derivatives.asked, 0);
  assert.equal((await rederive(changed)).derivatives.asked, 2);
  assert.equal((await rederive(changed)).derivatives.waiting, 2);
  assert.equal(
    await codeOf(machine, subject, { derivative: "thumbnail" }),
    "given",
    "the old one, until then",
  );
  const worker = { ...machine.worker, profiles: changed.profiles };
  for (const _ of [1, 2]) assert.deepEqual(await makeNext(worker), { outcome: "made" });
  assert.deepEqual((await rederive(changed)).derivatives, { found: 0, asked: 0, waiting: 0 });
  await settleSound(machine, subject.ann, "made anew");
});

test("what was asked for under another configuration is dropped, and asked for anew", async () => {
  const machine = createOneMachine({ profiles: profilesOf(square) });
  const subject = await own(machine);
  await codeOf(machine, subject, { derivative: "square" });
  const worker = { ...machine.worker, profiles: profilesOf({ ...square, width: 10 }) };
  assert.deepEqual(await makeNext(worker), { outcome: "dropped" });
  assert.equal(await codeOf(machine, subject, { derivative: "square" }), "derivative-pending");
});

test("wherever a process dies, a derivative is asked for and made once, and nothing is left over", async () => {
  const profiles = profilesOf({ ...thumbnail, width: 6 }, { ...square, make: "verify" });
  const ask: Step<Subject> = async ({ services }) => {
    await rederive({ ...services, profiles });
  };
  const make: Step<Subject> = async ({ worker }) => {
    while (await makeNext({ ...worker, profiles }));
  };
  const check = async (machine: OneMachine, { ann, fileId }: Subject, where: string) => {
    const file = await machine.services.metadata.findFile(fileId);
    const made = new Map(file?.current.derivatives.map(({ name, madeAs }) => [name, madeAs]));
    assert.equal(made.get("thumbnail"), "6x5-contain-webp", where);
    assert.equal(made.get("square"), "9x9-cover-webp", where);
    await assertSound(machine, ann, where);
  };
  await dieEverywhere("rederive", { prepare: own, steps: [ask, make], check });
});

const strippedBytes = Buffer.from("a photograph without its place");

/** What strippers of a version say of a photograph. */
const stripAs =
  (kind: Rendition["kind"], version = stripperVersion, stripped = strippedBytes) =>
  async (request: InspectionRequest, body: Uint8Array) => {
    const given = kind === "original" ? Buffer.from(body) : stripped;
    if (kind !== "none")
      await request.takeRendition?.({
        byteLength: given.length,
        sha256: sha256Of(given),
        async *open() {
          yield given.subarray(0, 5);
          yield given.subarray(5);
        },
      });
    const ofStripped = { kind: "stripped", sizeBytes: stripped.length, sha256: sha256Of(stripped) } as const;
    return {
      verdict: "accepted",
      sizeBytes: body.byteLength,
      sha256: sha256Of(body),
      contentType: "image/jpeg",
      image: { width: 4, height: 3 },
      rendition: { version, ...(kind === "stripped" ? ofStripped : { kind }) },
      derivatives: [],
    } satisfies Inspection;
  };

const asked = { derivative: "rendition" };

test("what others get of a file is made at the first ask, streamed, and given out as the original is", async () => {
  const machine = createOneMachine();
  for (const kind of ["original", "none", "stripped"] as const) {
    machine.inspectNext(stripAs(kind));
    const subject = await own(machine);
    if (kind === "original") {
      assert.deepEqual(await textOf(machine, subject, asked), ["a photograph", "photo.jpg"]);
      continue;
    }
    if (kind === "none") {
      assert.equal(await codeOf(machine, subject, asked), "not-found");
      continue;
    }
    assert.equal(await codeOf(machine, subject, asked), "derivative-pending");
    machine.inspectNext(stripAs(kind));
    assert.deepEqual(await makeNext(machine.worker), { outcome: "made" });
    assert.deepEqual(await textOf(machine, subject, asked), [strippedBytes.toString(), "photo.jpg"]);
    const answer = await answerOf(machine, subject, asked);
    assert.ok("request" in answer);
    const { headers } = await machine.objects.fetchBytes(answer.request);
    assert.match(headers.get("content-disposition") ?? "", /^attachment;/);
    await settleSound(machine, subject.ann, "a rendition");
  }
});

test("what older strippers said or made of a file is worked out anew before anything is given out", async () => {
  const older = stripperVersion - 1;
  for (const [before, now] of [
    ["original", "stripped"],
    ["none", "stripped"],
    ["stripped", "stripped"],
    ["stripped", "none"],
    ["stripped", "original"],
  ] as const) {
    const where = `${before}, now ${now}`;
    const machine = createOneMachine();
    const { metadata } = machine.services;
    machine.inspectNext(stripAs(before, older, Buffer.from("a photograph and its place")));
    const subject = await own(machine);
    if (before === "stripped") {
      // Made by a server that had those strippers.
      const place = { fileId: subject.fileId, version: 1, name: "rendition", page: 0 };
      const orders = [{ ...place, madeAs: `stripped-${older}` }];
      await metadata.askDerivatives({ actor: "system", orders });
      const task = await metadata.claimDerivative({ leaseMs, keyPart: "older" });
      assert.ok(task);
      const bytes = Buffer.from("a photograph and its place");
      await machine.objects.put({
        ...{ key: task.key, body: bytes, contentType: "image/jpeg", sha256: sha256Of(bytes) },
      });
      const derivative = {
        ...{ name: "rendition", key: task.key, contentType: "image/jpeg", width: 4, height: 3 },
        ...{ sizeBytes: bytes.length, madeAs: task.madeAs },
      };
      const result = { kind: "made", derivative } as const;
      assert.equal(
        await metadata.finishDerivative({ ...task, result, replacedNotBeforeMs: 0 }),
        "finished",
        where,
      );
    }
    assert.equal(await codeOf(machine, subject, asked), "derivative-pending", where);
    machine.inspectNext(stripAs(now));
    const outcome = now === "stripped" ? "made" : "dropped";
    assert.deepEqual(await makeNext(machine.worker), { outcome }, where);
    const { current } = (await metadata.findFile(subject.fileId)) ?? {};
    assert.deepEqual([current?.rendition?.kind, current?.rendition?.version], [now, stripperVersion], where);
    assert.equal(current?.derivatives.length, now === "stripped" ? 1 : 0, where);
    if (now === "none") assert.equal(await codeOf(machine, subject, asked), "not-found", where);
    else
      assert.deepEqual(
        (await textOf(machine, subject, asked))[0],
        now === "original" ? "a photograph" : strippedBytes.toString(),
        where,
      );
    assert.equal(await makeNext(machine.worker), undefined, where);
    await settleSound(machine, subject.ann, where);
  }
});

test("strippers that are older than wanted are not believed", async () => {
  const machine = createOneMachine();
  machine.inspectNext(stripAs("original", stripperVersion - 1));
  const subject = await own(machine);
  assert.equal(await codeOf(machine, subject, asked), "derivative-pending");
  machine.inspectNext(stripAs("none", stripperVersion - 1));
  assert.equal((await makeNext(machine.worker))?.outcome, "postponed");
  assert.equal(await codeOf(machine, subject, asked), "derivative-pending");
});

test("rederive works out anew what others get of files that older strippers have seen, and stores nothing", async () => {
  const machine = createOneMachine();
  const { metadata } = machine.services;
  const profiles = profilesOf();
  machine.inspectNext(stripAs("original", stripperVersion - 1));
  const subject = await own(machine);
  const { derivatives } = await rederive({ metadata, profiles });
  assert.equal(derivatives.asked, 1);
  const stored = async () => (await machine.objects.list({ prefix: "", limit: 100 })).items.length;
  const before = await stored();
  machine.inspectNext(stripAs("stripped"));
  assert.deepEqual(await makeNext(machine.worker), { outcome: "dropped" });
  assert.equal(await stored(), before);
  const file = await metadata.findFile(subject.fileId);
  assert.equal(file?.current.rendition?.kind, "stripped");
  assert.equal((await rederive({ metadata, profiles })).derivatives.asked, 0);
  assert.equal(await codeOf(machine, subject, asked), "derivative-pending", "for its bytes");
});

test("what nothing is left of to give to others is said, and not tried again", async () => {
  const machine = createOneMachine();
  // Verified before renditions were: nothing is known of it.
  machine.inspectNext((_request, body) => {
    const { rendition: _, ...accepted } = acceptJpeg(body);
    return accepted;
  });
  const subject = await own(machine);
  assert.equal(await codeOf(machine, subject, { derivative: "rendition" }), "derivative-pending");
  // The decoder does not come to the end of it the first time.
  machine.inspectNext((_request, body) => {
    const { rendition: _, ...accepted } = acceptJpeg(body);
    return accepted;
  });
  assert.equal((await makeNext(machine.worker))?.outcome, "postponed");
  machine.advance(minuteMs);
  machine.inspectNext(stripAs("none"));
  assert.deepEqual(await makeNext(machine.worker), { outcome: "dropped" });
  assert.equal(await codeOf(machine, subject, { derivative: "rendition" }), "not-found");
  assert.equal(await makeNext(machine.worker), undefined);
});
