import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommandContext } from "../command.ts";
import { describeHowSignedIn, findHowSignedIn } from "./how-signed-in.ts";

const ofToken = (token: string) =>
  findHowSignedIn({ env: { STOWAGE_TOKEN: token } } as unknown as CommandContext, "http://localhost:8420");
const jwtOf = (claims: object) => `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.y`;

test("a token in the environment says its own end", async () => {
  const signedIn = await ofToken(jwtOf({ exp: 1_800_000_000 }));
  assert.deepEqual(signedIn, { by: "token", until: "2027-01-15T08:00:00.000Z", renews: false });
  const words = describeHowSignedIn(signedIn, 1_800_000_000_000 - 52 * 60_000);
  assert.match(words, /^by STOWAGE_TOKEN, until 2027-01-1\d \d\d:\d0 \(52 min from now\)$/);
  assert.match(describeHowSignedIn(signedIn, 1_800_000_000_000 - 7_200_000), /\(2 hours from now\)$/);
  assert.match(describeHowSignedIn(signedIn, 1_800_000_000_000 - 1000), /\(less than a minute from now\)$/);
});

test("a token that says nothing of its end is no error", async () => {
  for (const token of [
    "opaque",
    "a.b.c",
    jwtOf({}),
    jwtOf({ exp: "soon" }),
    jwtOf({ exp: 1e300 }),
    "x.bnVsbA.y",
  ])
    assert.deepEqual(await ofToken(token), { by: "token", renews: false });
});
