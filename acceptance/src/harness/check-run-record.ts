// The last step of a run of tests: whether anything secret of it stands in a log of it.
import { findLoggedSecrets } from "./find-logged-secrets.ts";

const [folder = "."] = process.argv.slice(2);
const { logs, bytes, secrets, found } = findLoggedSecrets(folder);
if (logs > 0) {
  const looked = `${secrets} secrets of this run in ${logs} servers' logs (${bytes} bytes)`;
  if (secrets === 0) {
    process.stderr.write("Servers ran and noted no secret: the tests' harness does not look any more.\n");
    process.exitCode = 1;
  } else if (found.length === 0) process.stderr.write(`Looked for ${looked}: none is there.\n`);
  else {
    for (const { what, log, line } of found.slice(0, 20))
      process.stderr.write(`${what} is in ${log}: ${line}\n`);
    process.stderr.write(`Looked for ${looked}: ${found.length} are there.\n`);
    process.exitCode = 1;
  }
}
