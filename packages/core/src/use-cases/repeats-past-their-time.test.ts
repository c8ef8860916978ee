import assert from "node:assert/strict";
import { test } from "node:test";
import { RefusedError } from "../refusal.ts";
import { createAlbum } from "./albums/create-album.ts";
import { createAlbumInvite } from "./albums/invite-to-album.ts";
import { createLink } from "./create-link.ts";
import { createOneMachine } from "./one-machine.testing.ts";

const refusedAs = (code: string) => (error: unknown) =>
  error instanceof RefusedError && error.refusal.code === code;

test("a request that is sent again under its key after the time that it names answers what it made", async () => {
  const machine = createOneMachine();
  const { services, advance } = machine;
  const ann = await machine.person("ann");
  const albumId = (await createAlbum(services, ann, { name: "Open" })).album.id;
  const timeMs = services.clock.nowMs() + 60_000;
  const target = { kind: "album", id: albumId } as const;
  const invited = { role: "viewer", expiresAtMs: timeMs } as const;
  const [album, link, invite] = [
    async (idempotencyKey: string, at = timeMs) =>
      (await createAlbum(services, ann, { name: "Sealed", revealAtMs: at, idempotencyKey })).album.id,
    async (idempotencyKey: string, at = timeMs) =>
      (await createLink(services, ann, target, { endsAtMs: at, idempotencyKey })).link.id,
    async (idempotencyKey: string, at = timeMs) =>
      (await createAlbumInvite(services, ann, albumId, { ...invited, expiresAtMs: at, idempotencyKey }))
        .invite.id,
  ];
  for (const [name, make] of Object.entries({ album, link, invite })) {
    const first = await make(name);
    advance(1);
    assert.equal(await make(name), first, name);
  }
  advance(60_000);
  for (const [name, make] of Object.entries({ album, link, invite })) {
    const again = await make(name);
    assert.equal(await make(name), again, name);
    await assert.rejects(make(`another ${name}`), refusedAs("validation-failed"));
    await assert.rejects(make(name, timeMs - 1), refusedAs("idempotency-key-reused"));
  }
});
