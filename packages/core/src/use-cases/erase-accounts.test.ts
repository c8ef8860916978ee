import assert from "node:assert/strict";
import { test } from "node:test";
import type { IssuerAccounts } from "../ports/issuer-accounts.ts";
import { RefusedError } from "../refusal.ts";
import { askArchive } from "./ask-archive.ts";
import { completeUpload } from "./complete-upload.ts";
import { deleteAccount } from "./delete-account.ts";
import { dieEverywhere, minuteMs } from "./die-everywhere.testing.ts";
import { eraseAccounts } from "./erase-accounts.ts";
import { makeArchive } from "./make-archive.ts";
import { createOneMachine, leaseMs, type OneMachine } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";
import { sweep } from "./sweep.ts";
import { trashFile } from "./trash-file.ts";

const secret = "secret of ann";

interface Subject {
  readonly ann: { readonly id: string };
  readonly bob: { readonly id: string };
  readonly bobs: string;
}

async function own(machine: OneMachine, person: { readonly id: string }, text: string): Promise<string> {
  const bytes = Buffer.from(text);
  const more = { name: `${text}.jpg`, metadata: { about: text } };
  const { id, fileId, request } = await machine.announce(person, bytes, `${person.id} ${text}`, more);
  await machine.objects.receive(request, bytes);
  await completeUpload(machine.services, person, id);
  await processUpload(machine.worker, await machine.claim());
  return fileId;
}

/** Somebody with one of everything, and somebody else with a file. */
async function people(machine: OneMachine): Promise<Subject> {
  const [ann, bob] = [await machine.person("ann"), await machine.person("bob")];
  const ready = await own(machine, ann, `${secret} 1`);
  await trashFile(machine.services, ann, await own(machine, ann, `${secret} 2`), "any");
  await machine.announce(ann, Buffer.from("pending"), "pending", { name: `${secret}.jpg` });
  await machine.announceInParts(ann, Buffer.from("in parts"), 4);
  await askArchive(machine.services, ann, { kind: "files", fileIds: [ready] });
  const task = await machine.packer.metadata.claimArchive({ leaseMs });
  assert.equal((await makeArchive(machine.packer, task ?? assert.fail())).outcome, "made");
  return { ann, bob, bobs: await own(machine, bob, "bob's") };
}

/** No object but others', no row that says anything of her. */
async function assertErased(machine: OneMachine, { ann, bobs }: Subject, where: string): Promise<void> {
  const { metadata } = machine.services;
  const person = await metadata.findPrincipal(ann.id);
  assert.deepEqual([person?.usedBytes, person?.reservedBytes, person?.openUploads], [0, 0, 0], where);
  for (const list of [{ by: "created" }, { by: "trashed" }] as const)
    assert.deepEqual(await metadata.listFiles({ ownerId: ann.id, list, limit: 10 }), [], where);
  const uploads = await metadata.listUploads({ ownerId: ann.id, limit: 200 });
  assert.equal(uploads.length, 4, where);
  const events = await Promise.all(uploads.map(({ id }) => metadata.listUploadEvents(id)));
  assert.ok(!JSON.stringify([person, uploads, events]).includes(secret), where);
  const kept = (await metadata.findFile(bobs))?.current ?? assert.fail(where);
  const keys = [kept, ...kept.derivatives].map(({ key }) => key);
  assert.deepEqual([...machine.objects.objects.keys()].sort(), keys.sort(), where);
  assert.deepEqual(await metadata.listDeletedAccounts({ limit: 10 }), [], where);
}

test("deletes all that somebody owns, whatever its state, and leaves others' alone", async () => {
  const machine = createOneMachine();
  const subject = await people(machine);
  await deleteAccount(machine.services, subject.ann);
  assert.equal(await eraseAccounts(machine.services), 0, "a request that was let in before may still write");
  const uploads = await machine.services.metadata.listUploads({ ownerId: subject.ann.id, limit: 200 });
  assert.ok(!JSON.stringify(uploads).includes(secret), "but what is there goes at once");
  machine.advance(15 * minuteMs);
  assert.equal(await eraseAccounts(machine.services), 1);
  await sweep(machine.services);
  machine.advance(24 * 60 * minuteMs);
  await sweep(machine.services);
  await assertErased(machine, subject, "");
  assert.equal(await eraseAccounts(machine.services), 0);
});

test("waits for what a worker has in hands, and deletes what comes of it", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const bytes = Buffer.from(secret);
  const { id, request } = await machine.announce(ann, bytes);
  await machine.objects.receive(request, bytes);
  await completeUpload(machine.services, ann, id);
  const claimed = await machine.claim();
  await deleteAccount(machine.services, ann);
  machine.advance(15 * minuteMs);
  assert.equal(await eraseAccounts(machine.services), 0);
  assert.equal((await processUpload(machine.worker, claimed)).outcome, "ready");
  assert.equal(await eraseAccounts(machine.services), 1);
  assert.equal((await machine.services.metadata.findPrincipal(ann.id))?.usedBytes, 0);
});

test("deletes an account whose issuer can't be reached now all the same, and has the sweeper remove it there; refuses who has none", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const person = (await machine.services.metadata.findPrincipal(ann.id)) ?? assert.fail();
  const removed: string[] = [];
  let isAway = true;
  const issuerAccounts = {
    issuer: person.issuer,
    endSignIns: async () => undefined,
    remove: async ({ subject }: { readonly subject: string }) => {
      if (isAway) throw new Error("The issuer's database is away.");
      removed.push(subject);
    },
  };
  const services = { ...machine.services, issuerAccounts };
  await own(machine, ann, secret);
  await deleteAccount(services, ann);
  assert.equal((await services.metadata.findTokensValidFrom(person))?.isDeleted, true);
  machine.advance(15 * minuteMs);
  await assert.rejects(eraseAccounts(services), /away/);
  assert.equal((await services.metadata.findPrincipal(ann.id))?.usedBytes, 0, "what they own goes meanwhile");
  assert.equal(await eraseAccounts(machine.services), 0, "nor is it forgotten where nobody can remove it");
  isAway = false;
  assert.equal(await eraseAccounts(services), 1);
  assert.deepEqual(removed, ["ann"]);
  const capability = { id: "c", kind: "guest", albumId: "a", endsAtMs: Number.MAX_SAFE_INTEGER } as const;
  await assert.rejects(
    deleteAccount(services, { id: ann.id, capability }),
    (error) => error instanceof RefusedError && error.code === "forbidden",
  );
});

test("wherever the server dies while somebody deletes their account, nothing is deleted or all of it, at the issuer too", async () => {
  const removed = new Set<OneMachine>();
  const accountsOf = (machine: OneMachine, issuer: string): IssuerAccounts => ({
    issuer,
    endSignIns: async () => undefined,
    remove: async () => {
      removed.add(machine);
    },
  });
  await dieEverywhere<Pick<Subject, "ann"> & { readonly issuer: string }>("delete", {
    prepare: async (machine) => {
      const ann = await machine.person("ann");
      const { issuer } = (await machine.services.metadata.findPrincipal(ann.id)) ?? assert.fail();
      return { ann, issuer };
    },
    steps: [
      async ({ services }, machine, { ann, issuer }) => {
        const issuerAccounts = accountsOf(machine, issuer);
        // Who asks again is told that there is no such account any more.
        await deleteAccount({ ...services, issuerAccounts }, ann).catch((error: unknown) => {
          if (!(error instanceof RefusedError)) throw error;
        });
      },
      async ({ services }, machine, { issuer }) => {
        machine.advance(15 * minuteMs);
        await eraseAccounts({ ...services, issuerAccounts: accountsOf(machine, issuer) });
      },
    ],
    check: async (machine, { ann }, where) => {
      assert.ok(removed.has(machine), where);
      assert.deepEqual(await machine.services.metadata.listDeletedAccounts({ limit: 10 }), [], where);
      const { subject } = (await machine.services.metadata.findPrincipal(ann.id)) ?? assert.fail(where);
      assert.notEqual(subject, "ann", where);
    },
  });
});

test("wherever the sweeper dies while it erases an account, the next pass ends it", async () => {
  await dieEverywhere<Subject>("erase", {
    prepare: async (machine) => {
      const subject = await people(machine);
      await deleteAccount(machine.services, subject.ann);
      machine.advance(15 * minuteMs);
      return subject;
    },
    steps: [
      async ({ services }) => {
        await eraseAccounts(services);
      },
      async ({ services }) => {
        await eraseAccounts(services);
      },
    ],
    check: assertErased,
  });
});

test("accounts that can't come to their end yet keep no other from its own, however many they are", async () => {
  const machine = createOneMachine();
  const { services } = machine;
  for (let number = 0; number < 60; number += 1) {
    const person = await machine.person(`person ${number}`);
    await machine.announce(person, Buffer.from("under way"), `under way ${number}`);
    await deleteAccount(services, person);
    machine.advance(1);
  }
  const last = await machine.person("last");
  const fileId = await own(machine, last, "the last one's");
  await deleteAccount(services, last);
  let isFirst = true;
  const failing = {
    ...services.metadata,
    listUploads: async (list: Parameters<typeof services.metadata.listUploads>[0]) => {
      if (!isFirst) return services.metadata.listUploads(list);
      isFirst = false;
      throw new Error("These rows can't be read.");
    },
  };
  await assert.rejects(eraseAccounts({ ...services, metadata: failing }), /can't be read/);
  assert.equal(await services.metadata.findFile(fileId), undefined);
});
