import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capability } from "../policy/principal.ts";
import { chooseAudience } from "./choose-audience.ts";
import { createUploads } from "./create-uploads.ts";
import { createOneMachine } from "./one-machine.testing.ts";

const guest: Capability = { id: "right", kind: "guest", albumId: "album", endsAtMs: Number.MAX_SAFE_INTEGER };

test("there is no organisation to show a file to but one's own", () => {
  const organisation = { kind: "organisation", organisationId: "x" };
  assert.deepEqual(chooseAudience({ id: "ann", organisationId: "x" }, "organisation"), {
    audience: organisation,
  });
  assert.ok("refusal" in chooseAudience({ id: "ann" }, "organisation"));
  assert.deepEqual(chooseAudience({ id: "ann" }, "public"), { audience: { kind: "public" } });
});

test("who comes by a capability shows what they send to nobody but its album", async () => {
  const ann = { id: "ann", organisationId: "x", capability: guest };
  assert.deepEqual(chooseAudience(ann, "private"), { audience: "private" });
  for (const visibility of ["public", "organisation"] as const)
    assert.ok("refusal" in chooseAudience(ann, visibility), visibility);

  const machine = createOneMachine();
  const { id } = await machine.person("guest");
  const bytes = { sizeBytes: 5, sha256: "a".repeat(64), contentType: "image/jpeg" };
  const [answer] = await createUploads(machine.services, { id, capability: guest }, [
    { ...bytes, name: "a.jpg", visibility: "public" },
  ]);
  assert.ok(answer && "refusal" in answer);
  assert.equal(answer.refusal.member, "visibility");
});
