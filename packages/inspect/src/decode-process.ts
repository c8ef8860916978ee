// The main module of a decoding process: says that it is ready, then examines one file after another.
// It is killed rather than asked to stop; an error that nothing here expects ends it too.
import { access, constants } from "node:fs/promises";
import type { Accepted, DecodeJob, ProcessMessage } from "./examination.ts";
import { stayUnderParent } from "./stay-under-parent.ts";

stayUnderParent();
try {
  const { restrictLoaders } = await import("./restrict-loaders.ts");
  const { examineFile } = await import("./examine-file.ts");
  restrictLoaders();
  const answer = async (job: DecodeJob): Promise<void> => {
    try {
      await access(job.path, constants.R_OK);
    } catch (error) {
      return tell({ kind: "file-unreadable", reason: String(error) });
    }
    tell({ kind: "examined", examination: await examineFile(job, tellSoFar) });
  };
  process.on("message", (job: DecodeJob) => void answer(job));
  tell({ kind: "ready" });
} catch (error) {
  tell({ kind: "unable-to-start", reason: String(error) });
}

/** Resolves once it is on its way: what comes next may keep this process from ever sending anything. */
function tellSoFar(examination: Accepted): Promise<void> {
  const message: ProcessMessage = { kind: "so-far", examination };
  return new Promise((resolve, reject) => {
    if (!process.send) return resolve();
    process.send(message, undefined, undefined, (error) => (error ? reject(error) : resolve()));
  });
}

function tell(message: ProcessMessage): void {
  process.send?.(message);
}
