// Runs the tests of a level with Node's own runner, whose summary closes the output.
//   quick    *.test.ts                      while working
//   default  quick + *.test-slow.ts         before a commit (npm test)
//   full     default + *.test-full.ts       with the system parts of test:setup; a missing part fails
// `full --after-default` leaves out what a run of `default` on the same tree has done already, as in `.ci/run`; that one ran with
// STOWAGE_TEST_PARTS=required, for which a missing part is a failure too.
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { groupTests, writeGroups } from "./group-tests.ts";
import { isLeftByDefault, patternsOfLevel } from "./tests-of-level.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [level = "default", ...more] = process.argv.slice(2);
const isAfterDefault = more.includes("--after-default");
const only = more.filter((part) => part !== "--after-default");
const patterns = patternsOfLevel(level);
if (!patterns) {
  process.stderr.write(`Unknown level "${level}": quick, default or full.\n`);
  process.exit(2);
}

const corpus = process.env.STOWAGE_CORPUS ?? "";
if (!corpus || !existsSync(corpus)) {
  process.stderr.write(
    "STOWAGE_CORPUS is not set: the tests over the corpus of real files are left out; those over files made here run.\n",
  );
}

const files = globSync(patterns, { cwd: root }).filter(
  (file) =>
    (only.length === 0 || only.some((part) => file.includes(part))) &&
    (!isAfterDefault || isLeftByDefault(file, readFileSync(join(root, file), "utf8"))),
);
if (files.length === 0) {
  process.stderr.write("No test file matches.\n");
  process.exit(1);
}

// The acceptance suite's servers log there, at their most talkative, and its harness notes everything secret that it meets.
const record = mkdtempSync(join(tmpdir(), "stowage-test-record-"));
const groups = mkdtempSync(join(tmpdir(), "stowage-test-groups-"));
const result = spawnSync(
  process.execPath,
  [
    "--conditions=source",
    "--test",
    "--test-concurrency=2",
    "--test-timeout=600000",
    // A file whose set-up failed half-way would otherwise wait for ever for what it did start.
    "--test-force-exit",
    ...writeGroups(groupTests(files.sort()), { root, directory: groups }),
  ],
  {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      STOWAGE_TEST_LEVEL: level,
      STOWAGE_TEST_RECORD: record,
      // Each file is a process that loads much the same: a sixth less CPU where it is compiled once (measured over three packages).
      NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "compiled-for-tests"),
    },
  },
);
const search = spawnSync(process.execPath, ["acceptance/src/harness/check-run-record.ts", record], {
  cwd: root,
  stdio: "inherit",
});
for (const directory of [record, groups]) rmSync(directory, { recursive: true, force: true });
process.exit(result.status === 0 ? (search.status ?? 1) : (result.status ?? 1));
