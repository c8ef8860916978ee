import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetadataStore } from "../ports/metadata-store.ts";
import type { UploadRecord } from "../upload.ts";
import { describeAccount } from "./describe-account.ts";
import { createOneMachine } from "./one-machine.testing.ts";

test("tells of thousands of uploads in documents of a thousand, and reads on only once those were taken", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const person = (await machine.services.metadata.findPrincipal(ann.id)) ?? assert.fail();
  const { id } = await machine.announce(ann, Buffer.from("one"));
  const one = (await machine.services.metadata.findUpload(id)) ?? assert.fail();
  const all = Array.from({ length: 2500 }, (_, index): UploadRecord => ({ ...one, id: `upload ${index}` }));
  let read = 0;
  const metadata: MetadataStore = {
    ...machine.services.metadata,
    listUploads: async ({ after, limit }) => {
      const from = after ? all.findIndex((upload) => upload.id === after.id) + 1 : 0;
      read = Math.max(read, from + limit);
      return all.slice(from, from + limit);
    },
  };
  const counts: number[] = [];
  for await (const { name, value } of describeAccount(metadata, person)) {
    if (!name.startsWith("account/uploads-")) continue;
    const { items } = value as { readonly items: readonly unknown[] };
    counts.push(items.length);
    assert.equal(name, `account/uploads-${counts.length}.json`);
    assert.ok(read <= counts.length * 1000 + 200, `${read} were read`);
  }
  assert.deepEqual(counts, [1000, 1000, 500]);
});

test("tells of every link to a target, of however many pages, those that have ended too", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const { metadata } = machine.services;
  const person = (await metadata.findPrincipal(ann.id)) ?? assert.fail();
  await metadata.createAlbum({ id: "album", ownerId: ann.id, name: "Album" });
  for (let index = 0; index < 450; index += 1)
    await metadata.createLink({
      id: `link ${index}`,
      target: { kind: "album", id: "album" },
      createdBy: ann.id,
      tokenDigest: `digest ${index}`,
      endsAtMs: 1e15,
      maxPerTarget: 1000,
    });
  const ids: string[] = [];
  for await (const { name, value } of describeAccount(metadata, person)) {
    if (!name.startsWith("account/albums-")) continue;
    const { items } = value as { readonly items: readonly { readonly links: readonly { id: string }[] }[] };
    ids.push(...items.flatMap(({ links }) => links.map(({ id }) => id)));
  }
  assert.equal(new Set(ids).size, 450);
  assert.equal(ids.length, 450);
});

test("tells of the tokens that somebody minted and that have not ended, and nothing to come by one", async () => {
  const machine = createOneMachine();
  const { metadata } = machine.services;
  const [ann, bob] = [await machine.person("ann"), await machine.person("bob")];
  const person = (await metadata.findPrincipal(ann.id)) ?? assert.fail();
  for (const [id, personId] of [
    ["one", ann.id],
    ["another's", bob.id],
  ] as const)
    await metadata.mintDelegation({
      ...{ id, personId, byTokenOfMs: 1e15, scopes: ["uploads:write"], bounds: { maxFiles: 3 } },
      ...{ lifetimeMs: 1000, maxPerPerson: 9 },
    });
  const told: object[] = [];
  for await (const { name, value } of describeAccount(metadata, person))
    if (name === "account/tokens-1.json") told.push(...(value as { readonly items: object[] }).items);
  const nowMs = machine.services.clock.nowMs();
  assert.deepEqual(told, [
    {
      ...{ id: "one", scopes: ["uploads:write"], maxFiles: 3, sentFiles: 0, sentBytes: 0 },
      ...{ createdAt: new Date(nowMs).toISOString(), endsAt: new Date(nowMs + 1000).toISOString() },
    },
  ]);
});
