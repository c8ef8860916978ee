import assert from "node:assert/strict";
import { test } from "node:test";
import { addressMismatch } from "./address-mismatch.ts";

const at = (address: string) => new URL(address);

test("under the public URL there is nothing to say", () => {
  assert.equal(addressMismatch(at("https://photos.example/trash"), "https://photos.example"), undefined);
});

test("another name of the same machine leads to the right one, to the same place", () => {
  assert.deepEqual(addressMismatch(at("http://127.0.0.1:8420/l?x=1#token"), "http://localhost:8420"), {
    rightAddress: "http://localhost:8420/l?x=1#token",
    goByItself: true,
  });
});

test("another name of the network is told, not followed", () => {
  assert.equal(addressMismatch(at("http://192.168.1.5:8420/"), "https://photos.example")?.goByItself, false);
  assert.equal(addressMismatch(at("http://192.168.1.5:8420/"), "http://localhost:8420")?.goByItself, false);
});

test("a page without a public URL stays where it is", () => {
  assert.equal(addressMismatch(at("http://localhost:8420/"), ""), undefined);
});
