import assert from "node:assert/strict";
import { test } from "node:test";
import { credentialsPath } from "./credentials-path.ts";

test("is where each platform keeps a person's settings", () => {
  const home = { HOME: "/home/ada" };
  for (const [env, platform, path] of [
    [home, "linux", "/home/ada/.config/stowage/credentials.json"],
    [home, "darwin", "/home/ada/Library/Application Support/stowage/credentials.json"],
    [{ ...home, XDG_CONFIG_HOME: "/c" }, "linux", "/c/stowage/credentials.json"],
    [{ ...home, XDG_CONFIG_HOME: "/c" }, "darwin", "/c/stowage/credentials.json"],
    [{ ...home, XDG_CONFIG_HOME: "relative" }, "linux", "/home/ada/.config/stowage/credentials.json"],
    [{ ...home, XDG_CONFIG_HOME: "" }, "linux", "/home/ada/.config/stowage/credentials.json"],
    [
      { APPDATA: "C:\\Users\\ada\\AppData\\Roaming" },
      "win32",
      "C:\\Users\\ada\\AppData\\Roaming\\stowage\\credentials.json",
    ],
  ] as const)
    assert.equal(credentialsPath(env, platform), path);
});

test("is nowhere for whoever has no home", () => {
  assert.equal(credentialsPath({}, "linux"), undefined);
  assert.equal(credentialsPath({ HOME: "" }, "darwin"), undefined);
  assert.equal(credentialsPath({ HOME: "/home/ada" }, "win32"), undefined);
});
