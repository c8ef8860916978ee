import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** Writes the URL of each module that importing `module` loads. */
const program = (module: string): string => `
  import { registerHooks } from "node:module";
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  await import(${JSON.stringify(new URL(module, import.meta.url).href)});
  process.stdout.write(JSON.stringify(loaded), () => process.exit());
`;

function modulesOf(module: string): string[] {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=source", "--input-type=module", "--eval", program(module)],
    { cwd: fileURLToPath(new URL(".", import.meta.url)), encoding: "utf8" },
  );
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout) as string[];
}

/** The whole domain, and the schemas of all requests: a third of a second of CPU where nothing is compiled yet. */
const heavy = /\/(?:node_modules\/zod|packages\/(?:core|protocol|inspect)\/src\/index\.ts)/;

for (const module of ["./up-command.ts", "./bucket-process.ts"])
  test(`${module} loads neither the domain nor its schemas, which all that starts after it would wait for`, () => {
    const loaded = modulesOf(module);
    assert.ok(loaded.some((url) => url.endsWith(module.slice(1))));
    assert.deepEqual(
      loaded.filter((url) => heavy.test(url)),
      [],
    );
  });
