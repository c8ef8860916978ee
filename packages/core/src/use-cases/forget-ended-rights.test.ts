import assert from "node:assert/strict";
import { test } from "node:test";
import { completeUpload } from "./complete-upload.ts";
import { forgetEndedRights } from "./forget-ended-rights.ts";
import { createOneMachine } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";

test("grants and invites go once their time is up, however many they are, and what has no end stays", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const bytes = Buffer.from("a picture");
  const { id, fileId, request } = await machine.announce(ann, bytes);
  await machine.objects.receive(request, bytes);
  await completeUpload(machine.services, ann, id);
  await processUpload(machine.worker, await machine.claim());
  const { metadata, clock, ids } = machine.services;
  const command = { fileId, actor: "system", maxGrants: 1000 } as const;
  const endsAtMs = clock.nowMs() + 10;
  for (let index = 0; index < 205; index += 1)
    await metadata.grantFile({ ...command, userId: `user-${index}`, endsAtMs });
  await metadata.grantFile({ ...command, userId: "for-ever" });
  await metadata.inviteToFile({
    ...command,
    newId: ids.newId(),
    email: "a@b",
    emailKey: "a@b",
    lifetimeMs: 10,
    maxInvites: 9,
  });
  assert.equal(await forgetEndedRights(machine.services), 0);
  machine.advance(10);
  assert.equal(await forgetEndedRights(machine.services), 206);
  const left = await metadata.listGrants({ fileId, limit: 10 });
  assert.deepEqual(
    left.map(({ userId }) => userId),
    ["for-ever"],
  );
});
