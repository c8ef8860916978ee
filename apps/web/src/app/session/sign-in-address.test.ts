import assert from "node:assert/strict";
import { test } from "node:test";
import { signInAddress } from "./sign-in-address.ts";

test("a sign-in comes back to the screen it was asked from", () => {
  assert.equal(
    signInAddress({ returnTo: "/files/a b?x=1&y", create: false }),
    "/session/sign-in?return=%2Ffiles%2Fa+b%3Fx%3D1%26y",
  );
});

test("making an account says so", () => {
  assert.match(signInAddress({ returnTo: "/", create: true }), /&create=1$/);
});
