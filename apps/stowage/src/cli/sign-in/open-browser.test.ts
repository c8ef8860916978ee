import assert from "node:assert/strict";
import { test } from "node:test";
import { browserCommand, hasBrowser } from "./open-browser.ts";

test("gives an address as one argument to a program that is no shell", () => {
  const url = new URL("https://id.example/auth?a=1&b=%22;$(reboot)&c=`x`|y%PATH%^z");
  for (const platform of ["linux", "freebsd", "darwin", "win32"] as const) {
    const [program, ...args] = browserCommand(url, platform);
    assert.doesNotMatch(program, /sh|cmd|powershell/);
    assert.deepEqual(args.at(-1), url.href);
    assert.equal(args.filter((argument) => argument.includes("id.example")).length, 1);
  }
});

test("looks for a browser only where the person may sit before one", () => {
  assert.equal(hasBrowser({}, "linux"), false);
  assert.equal(hasBrowser({ DISPLAY: ":0" }, "linux"), true);
  assert.equal(hasBrowser({ WAYLAND_DISPLAY: "wayland-0" }, "linux"), true);
  assert.equal(hasBrowser({}, "darwin"), true);
  assert.equal(hasBrowser({}, "win32"), true);
  assert.equal(hasBrowser({ SSH_CONNECTION: "1.2.3.4" }, "darwin"), false);
  assert.equal(hasBrowser({ SSH_TTY: "/dev/pts/0", DISPLAY: ":10" }, "linux"), false);
});
