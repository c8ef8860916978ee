import assert from "node:assert/strict";
import { test } from "node:test";
import { joinAsGuest, previewInvite } from "./ask-invite.ts";

const answering =
  (status: number, body: unknown, headers: Record<string, string> = {}): typeof fetch =>
  async () =>
    new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers });

test("who joins is told their token, and for what album it is", async () => {
  const accepted = {
    album: { id: "a", name: "Trip" },
    guest: { id: "g", name: "Cy" },
    token: "secret",
    expiresAt: "2026-12-31T00:00:00Z",
  };
  assert.deepEqual(await joinAsGuest(answering(200, accepted), "invite", "Cy"), {
    name: "joined",
    guest: { token: "secret", albumId: "a", name: "Cy", expiresAt: "2026-12-31T00:00:00Z" },
  });
});

test("an invite by which nobody can join is gone, and a server that is away is not there", async () => {
  const preview = (ask: typeof fetch) => previewInvite(ask, "invite");
  for (const status of [400, 404]) assert.deepEqual(await preview(answering(status, {})), { name: "gone" });
  assert.deepEqual(await preview(answering(503, {})), { name: "unreachable" });
  assert.deepEqual(await preview(answering(200, "<html>")), { name: "unreachable" });
  const nobody: typeof fetch = async () => {
    throw new TypeError("Failed to fetch");
  };
  assert.deepEqual(await preview(nobody), { name: "unreachable" });
  const busy = answering(429, {}, { "retry-after": "7" });
  assert.deepEqual(await preview(busy), { name: "busy", seconds: 7 });
});
