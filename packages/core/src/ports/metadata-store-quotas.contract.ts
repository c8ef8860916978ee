import assert from "node:assert/strict";
import type { PrincipalRecord } from "../principal.ts";
import {
  type MetadataStoreCase,
  readyResult,
  rejectedResult,
  type Scene,
} from "./metadata-store-case.contract.ts";
import type { Counters } from "./organisation-commands.ts";
import type { CreateUploads } from "./upload-commands.ts";

const issuer = "https://issuer.example";

/** The outcome's name, and of a quota's refusal which it was and what is left. */
async function create(
  scene: Scene,
  { id }: PrincipalRecord,
  sizeBytes: number,
  limits: Partial<CreateUploads>,
): Promise<string> {
  const outcome = await scene.createOutcome(id, { sizeBytes }, limits);
  return outcome.outcome === "quota-exceeded" ? `${outcome.quota}: ${outcome.free} free` : outcome.outcome;
}

async function countersOf({ store }: Scene, id: string | undefined): Promise<Counters> {
  const organisation = await store.findOrganisation(id ?? "");
  assert.ok(organisation, "the organisation is there");
  const { usedBytes, reservedBytes, usedFiles, openUploads } = organisation;
  return { usedBytes, reservedBytes, usedFiles, openUploads };
}

async function holdSums({ store }: Scene): Promise<void> {
  for (const { organisationId, recorded, counted } of await store.listOrganisationCounters({ limit: 100 })) {
    assert.deepEqual(recorded, counted, organisationId);
    assert.deepEqual(await store.recountOrganisation(organisationId), { outcome: "unchanged" });
  }
}

const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

const countOf = (values: readonly string[], wanted: string): number =>
  values.filter((value) => value === wanted).length;

export const quotaCases: readonly MetadataStoreCase[] = [
  {
    name: "lets somebody have as many files and open uploads together as may be, the trash counted, until some are gone",
    async run(scene) {
      const owner = await scene.newOwner();
      const limits = { quotaFiles: 3 };
      const file = await scene.createReady(owner.id);
      const open = await scene.create(owner.id);
      await scene.finish(await scene.createClaimed(owner.id), rejectedResult);
      assert.equal(await create(scene, owner, 1, limits), "created");
      const refused = () => scene.unchanged(() => create(scene, owner, 1, limits));
      assert.equal(await refused(), "files: 0 free");
      await scene.store.trashFile({ fileId: file.id, revision: 1, actor: "system" });
      assert.equal(await refused(), "files: 0 free");
      assert.equal((await scene.store.findPrincipal(owner.id))?.usedFiles, 1);
      await scene.store.purgeFile({ fileId: file.id, revision: 2, actor: "system" });
      assert.equal((await scene.store.findPrincipal(owner.id))?.usedFiles, 0);
      assert.equal(await create(scene, owner, 1, limits), "created");
      assert.equal(await refused(), "files: 0 free");
      const aborted = await scene.store.abortUpload({ uploadId: open.id, actor: "system", detail: "" });
      assert.equal(aborted.outcome, "aborted");
      assert.equal(await create(scene, owner, 1, limits), "created");
      assert.equal(await create(scene, owner, 1, {}), "created", "none by default");
    },
  },
  {
    name: "lets one version replace another where another file could not be, and counts none by it",
    async run(scene) {
      const owner = await scene.newOwner();
      const limits = { quotaFiles: 1 };
      const file = await scene.createReady(owner.id);
      const replaces = { fileId: file.id, version: 1 };
      const replace = () => scene.createOutcome(owner.id, { replaces }, limits);
      const first = await replace();
      assert.ok(first.outcome === "created");
      assert.deepEqual(await replace(), { outcome: "quota-exceeded", quota: "files", free: 0 });
      assert.equal(await create(scene, owner, 1, limits), "files: 0 free");
      await scene.complete(first.upload.id);
      const claimed = await scene.claim();
      await scene.finish(claimed, readyResult(claimed));
      assert.equal((await scene.store.findPrincipal(owner.id))?.usedFiles, 1);
      assert.equal((await replace()).outcome, "created");
    },
  },
  {
    name: "has no more files than may be also where the one that was to be replaced is deleted meanwhile",
    async run(scene) {
      const owner = await scene.newOwner();
      const limits = { quotaFiles: 1 };
      const file = await scene.createReady(owner.id);
      const replaces = { fileId: file.id, version: 1 };
      const outcome = await scene.createOutcome(owner.id, { replaces }, limits);
      assert.ok(outcome.outcome === "created");
      await scene.store.purgeFile({ fileId: file.id, revision: 1, actor: "system" });
      assert.equal(await create(scene, owner, 1, limits), "files: 0 free");
      await scene.complete(outcome.upload.id);
      const claimed = await scene.claim();
      await scene.finish(claimed, readyResult(claimed));
      assert.equal((await scene.store.findPrincipal(owner.id))?.usedFiles, 1);
    },
  },
  {
    name: "creates exactly as many of a hundred concurrent uploads as there may be files",
    async run(scene) {
      const owner = await scene.newOwner();
      await scene.createReady(owner.id);
      const kinds = await times(100, () => create(scene, owner, 1, { quotaFiles: 38 }));
      assert.deepEqual([countOf(kinds, "created"), countOf(kinds, "files: 0 free")], [37, 63]);
    },
  },
  {
    name: "shares an organisation's quotas among its people alone, and says whose quota it is",
    async run(scene) {
      const [ann, bob] = [
        await scene.newOwner({ organisation: "Acme" }),
        await scene.newOwner({ organisation: "Acme" }),
      ];
      const others = [
        await scene.newOwner({ organisation: "acme" }),
        await scene.newOwner({ organisation: "Acme", issuer: "https://other.example" }),
        await scene.newOwner(),
      ];
      const bytes = { organisationQuotaBytes: 1000 };
      await scene.createReady(ann.id, { sizeBytes: 300 });
      assert.equal(await create(scene, bob, 400, bytes), "created");
      assert.equal(
        await scene.unchanged(() => create(scene, ann, 296, bytes)),
        "organisation-bytes: 295 free",
      );
      assert.equal(
        await create(scene, bob, 301, { ...bytes, quotaBytes: 500 }),
        "bytes: 100 free",
        "one's own first",
      );
      assert.equal(await create(scene, ann, 295, bytes), "created");
      assert.equal(await create(scene, bob, 1, bytes), "organisation-bytes: 0 free");
      const files = { organisationQuotaFiles: 4 };
      assert.equal(await create(scene, bob, 1, files), "created");
      assert.equal(await create(scene, ann, 1, files), "organisation-files: 0 free");
      for (const other of others)
        assert.equal(await create(scene, other, 1000, { ...bytes, ...files }), "created");
      assert.deepEqual(await countersOf(scene, ann.organisationId), {
        usedBytes: 300,
        reservedBytes: 696,
        usedFiles: 1,
        openUploads: 3,
      });
      await holdSums(scene);
    },
  },
  {
    name: "creates exactly as many uploads as an organisation has room for when all of its people come at once",
    async run(scene) {
      const people = await times(10, () => scene.newOwner({ organisation: "Acme" }));
      const kinds = await times(200, (index) => {
        const person = people[index % people.length];
        assert.ok(person);
        return create(scene, person, 100, { organisationQuotaBytes: 8_350 });
      });
      assert.deepEqual(
        [countOf(kinds, "created"), kinds.filter((kind) => kind.startsWith("organisation-bytes: ")).length],
        [83, 117],
      );
      await holdSums(scene);
    },
  },
  {
    name: "counts what colleagues have in steps of a 64th of the bound, one's own exactly, so that nobody can tell theirs by trying sizes",
    async run(scene) {
      const bytes = { organisationQuotaBytes: 64_000 };
      for (const theirs of [1, 500, 1000]) {
        const organisation = `Acme ${theirs}`;
        const [ann, bob] = [await scene.newOwner({ organisation }), await scene.newOwner({ organisation })];
        await scene.create(bob.id, { sizeBytes: theirs });
        assert.equal(await create(scene, ann, 63_001, bytes), "organisation-bytes: 63000 free");
        assert.equal(await create(scene, ann, 7, bytes), "created");
        assert.equal(await create(scene, ann, 62_994, bytes), "organisation-bytes: 62993 free");
        assert.equal(await create(scene, ann, 62_993, bytes), "created");
      }
      const files = { organisationQuotaFiles: 128 };
      for (const theirs of [1, 2]) {
        const organisation = `Files ${theirs}`;
        const [ann, bob] = [await scene.newOwner({ organisation }), await scene.newOwner({ organisation })];
        for (let count = 0; count < theirs; count += 1) await scene.create(bob.id);
        const kinds = await times(127, () => create(scene, ann, 1, files));
        assert.deepEqual([countOf(kinds, "created"), countOf(kinds, "organisation-files: 0 free")], [126, 1]);
      }
    },
  },
  {
    name: "counts what colleagues have in the same steps for a version as for a file, and lets a version replace another where all are taken",
    async run(scene) {
      const organisation = "Acme";
      const [ann, bob] = [await scene.newOwner({ organisation }), await scene.newOwner({ organisation })];
      // Of 127 a step is 1, of 128 it would be 2.
      const files = { organisationQuotaFiles: 127 };
      await scene.create(bob.id);
      const file = await scene.createReady(ann.id);
      const kinds = await times(126, () => create(scene, ann, 1, files));
      assert.deepEqual([countOf(kinds, "created"), countOf(kinds, "organisation-files: 0 free")], [125, 1]);
      const replaces = { fileId: file.id, version: 1 };
      const replace = () => scene.createOutcome(ann.id, { replaces }, files);
      assert.equal((await replace()).outcome, "created");
      assert.deepEqual(await replace(), { outcome: "quota-exceeded", quota: "organisation-files", free: 0 });
    },
  },
  {
    name: "takes what somebody has with them where their organisation changes",
    async run(scene) {
      const { store } = scene;
      const come = (organisation?: string) =>
        scene.newOwner({ issuer, subject: "ann", ...(organisation === undefined ? {} : { organisation }) });
      const ann = await come("Acme");
      const acme = ann.organisationId;
      const bob = await scene.newOwner({ organisation: "Acme" });
      await scene.createReady(ann.id, { sizeBytes: 10 });
      await scene.create(ann.id, { sizeBytes: 20 });
      await scene.createAborted(ann.id, { sizeBytes: 40 });
      await scene.create(bob.id, { sizeBytes: 80 });
      const annHas = { usedBytes: 10, reservedBytes: 60, usedFiles: 1, openUploads: 1 };
      const bobHas = { usedBytes: 0, reservedBytes: 80, usedFiles: 0, openUploads: 1 };
      const other = (await come("Other")).organisationId;
      assert.deepEqual([await countersOf(scene, acme), await countersOf(scene, other)], [bobHas, annHas]);
      await come();
      assert.deepEqual(await countersOf(scene, other), {
        usedBytes: 0,
        reservedBytes: 0,
        usedFiles: 0,
        openUploads: 0,
      });
      await scene.create(ann.id, { sizeBytes: 1 });
      await come("Acme");
      assert.deepEqual(await countersOf(scene, acme), {
        usedBytes: 10,
        reservedBytes: 141,
        usedFiles: 1,
        openUploads: 3,
      });
      const organisation = await store.findOrganisation(acme ?? "");
      assert.deepEqual([organisation?.id, organisation?.issuer, organisation?.name], [acme, issuer, "Acme"]);
      await holdSums(scene);
    },
  },
  {
    name: "keeps an organisation's counters exact while everything happens to its people at once, who come and go",
    async run(scene) {
      const { store } = scene;
      const come = (subject: string, organisation: string) =>
        scene.newOwner({ issuer, subject, organisation });
      const people = await times(4, (index) => come(`person ${index}`, "Acme"));
      await times(60, async (index) => {
        const person = people[index % people.length];
        assert.ok(person);
        const { id } = await scene.create(person.id, { sizeBytes: 100 + index });
        if (index % 7 === 0) await come(person.subject, index % 2 ? "Acme" : "Other");
        if (index % 5 === 0) return;
        if (index % 5 === 1) {
          await store.abortUpload({ uploadId: id, actor: "system", detail: "" });
          await store.releaseReservation({ uploadId: id });
          return;
        }
        await scene.complete(id);
        const claimed = await scene.claim();
        await scene.finish(claimed, index % 3 ? readyResult(claimed) : rejectedResult);
        if (index % 4 === 0) await store.purgeFile({ fileId: claimed.fileId, revision: 1, actor: "system" });
      });
      await holdSums(scene);
      const counters = await store.listOrganisationCounters({ limit: 10 });
      assert.equal(counters.length, 2);
      assert.ok(counters.some(({ recorded }) => recorded.usedFiles > 0 && recorded.openUploads > 0));
    },
  },
  {
    name: "lists organisations in pages, and knows nothing of one that is not there",
    async run(scene) {
      const { store } = scene;
      for (const organisation of ["A", "B", "C"]) await scene.newOwner({ organisation });
      const all = await store.listOrganisationCounters({ limit: 10 });
      assert.equal(all.length, 3);
      assert.deepEqual(await store.listOrganisationCounters({ limit: 2 }), all.slice(0, 2));
      const after = all[1]?.organisationId ?? "";
      assert.deepEqual(await store.listOrganisationCounters({ after, limit: 2 }), all.slice(2));
      assert.equal(await store.findOrganisation("none"), undefined);
      assert.deepEqual(await store.recountOrganisation("none"), { outcome: "missing" });
    },
  },
];
