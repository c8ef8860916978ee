import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { addPerson } from "./harness/add-person.ts";
import { makePng } from "./harness/images.ts";
import { checkoutDir } from "./harness/run-cli.ts";
import { startServer } from "./harness/start-server.ts";
import { uploadToEnd } from "./harness/upload.ts";

const folder = join(checkoutDir, "docs", "monitoring");

function promtool(args: readonly string[], input = ""): void {
  const { status, error, stdout, stderr } = spawnSync("promtool", args, {
    cwd: folder,
    input,
    encoding: "utf8",
  });
  assert.equal(error, undefined, "promtool comes with Debian's prometheus: npm run test:setup");
  assert.equal(status, 0, `promtool ${args.join(" ")}: ${stdout}${stderr}`);
}

test("Prometheus takes the alert rules, and each is silent on a well server and tells its fault", () => {
  promtool(["check", "rules", "stowage.rules.yml"]);
  promtool(["test", "rules", "stowage.rules.test.yml"]);
});

test("Prometheus finds nothing to say against what /metrics answers", async () => {
  const server = await startServer();
  try {
    const { api } = await addPerson(server);
    await uploadToEnd(api, await makePng());
    await uploadToEnd(api, Buffer.from("no picture"));
    promtool(["check", "metrics"], await (await fetch(`${server.api}/metrics`)).text());
  } finally {
    await server.stop();
  }
});
