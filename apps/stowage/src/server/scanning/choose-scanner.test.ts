import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultProfile } from "@stowage/core";
import { SettingError } from "../setting-error.ts";
import { type Configuration, settingKeys, settings } from "../settings.ts";
import { chooseScanner } from "./choose-scanner.ts";

const defaults = Object.fromEntries(settingKeys.map((key) => [key, settings[key].default])) as Configuration;
const own = "http://localhost:8420";
const theirs = "https://photos.example";

test("on this machine alone nothing scans unless it is said", () => {
  for (const url of [own, "http://127.0.0.1:9", "http://[::1]:9"])
    assert.deepEqual(chooseScanner(defaults, url), { kind: "none" });
});

test("a server that others can reach must be told, and the sentence names both choices", () => {
  for (const url of [theirs, "http://192.168.0.1:8420", "http://localhost.example"])
    assert.throws(
      () => chooseScanner(defaults, url),
      (error) =>
        error instanceof SettingError &&
        error.message.startsWith(`Under ${url} `) &&
        /scanner=clamd .* or scanner=none\.$/.test(error.message),
    );
  assert.deepEqual(chooseScanner({ ...defaults, scanner: "none" }, theirs), { kind: "none" });
});

test("a profile that takes what the scanner does not is named, with both sizes and what to do", () => {
  const chosen: Configuration = { ...defaults, scanner: "clamd" };
  assert.throws(
    () => chooseScanner(chosen, theirs),
    /^SettingError: The profile "default" takes video\/\w+ of up to 2000000000 bytes, and scanner\.maxSizeBytes is 104857600: raise it/,
  );
  const small = {
    ...defaultProfile,
    name: "small",
    maxSizeBytesByType: new Map([["image/png", 104_857_600]]),
  };
  assert.equal(chooseScanner({ ...chosen, profiles: [small] }, theirs).kind, "clamd");
  assert.throws(() => chooseScanner({ ...chosen, profiles: [small, defaultProfile] }, own), /"default"/);
  assert.deepEqual(chooseScanner({ ...chosen, "scanner.maxSizeBytes": 2_000_000_000 }, theirs), {
    kind: "clamd",
    address: "/run/clamav/clamd.ctl",
    maxSizeBytes: 2_000_000_000,
    timeoutSeconds: 180,
    connections: 4,
  });
});
