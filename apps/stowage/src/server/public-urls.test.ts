import assert from "node:assert/strict";
import { test } from "node:test";
import { publicUrlsOf, shareHostName } from "./public-urls.ts";
import { type Configuration, settingKeys, settings } from "./settings.ts";

const defaults = Object.fromEntries(settingKeys.map((key) => [key, settings[key].default])) as Configuration;
const ports = { apiPort: 8420, bucketPort: 8421 };

test("on loopback API and bucket are under different host names", () => {
  const { publicUrl, bucketUrl } = publicUrlsOf(defaults, ports, false);
  assert.equal(publicUrl, "http://localhost:8420");
  assert.equal(bucketUrl, "http://127.0.0.1:8421");
  assert.notEqual(new URL(publicUrl).hostname, new URL(bucketUrl).hostname);
});

test("beyond loopback both public URLs are asked for", () => {
  assert.throws(
    () => publicUrlsOf({ ...defaults, host: "0.0.0.0" }, ports, false),
    /--public-url and --bucket-url/,
  );
});

test("plain http beyond loopback has to be said aloud", () => {
  const open = {
    ...defaults,
    host: "0.0.0.0",
    publicUrl: "http://files.example",
    bucketUrl: "https://bucket.example",
  };
  assert.throws(() => publicUrlsOf(open, ports, false), /--insecure-http/);
  const urls = publicUrlsOf(open, ports, true);
  assert.equal(urls.publicUrl, "http://files.example");
  assert.equal(urls.internalBucketUrl, "http://127.0.0.1:8421");
});

test("where one origin is given on loopback, the other takes the other name", () => {
  const page = { ...defaults, publicUrl: "http://127.0.0.1:8420" };
  assert.equal(publicUrlsOf(page, ports, false).bucketUrl, "http://localhost:8421");
  const bucket = { ...defaults, bucketUrl: "http://localhost:8421" };
  assert.equal(publicUrlsOf(bucket, ports, false).publicUrl, "http://127.0.0.1:8420");
});

test("origins that differ in their port alone share a host name", () => {
  const publicUrl = "https://files.example";
  assert.equal(shareHostName({ publicUrl, bucketUrl: "https://files.example:8421" }), true);
  assert.equal(shareHostName({ publicUrl, bucketUrl: "https://bucket.files.example" }), false);
});
