import assert from "node:assert/strict";
import { runCli } from "../harness/run-cli.ts";
import type { MadeFile } from "./rule.ts";
import type { WorldServer } from "./start-world-server.ts";

/**
 * Has a scanner find something in these files long after they were ready, as new signatures do. A seal is not lifted by that.
 *
 * @returns what became of them, in their order
 */
export async function quarantine(
  files: readonly MadeFile[],
  { clamd, dataDir }: WorldServer,
): Promise<MadeFile[]> {
  for (const { ownersMarks } of files) for (const mark of ownersMarks) clamd.teach(mark);
  const { status, stdout, stderr } = await runCli(["rescan", "--data", dataDir, "--json"]);
  assert.equal(status, 0, stderr);
  for (const { id, what } of files) assert.ok(stdout.includes(id), `${what} is found: ${stdout}${stderr}`);
  return files.map((file) =>
    file.state === "sealed" ? { ...file, underSeal: "quarantined" } : { ...file, state: "quarantined" },
  );
}
