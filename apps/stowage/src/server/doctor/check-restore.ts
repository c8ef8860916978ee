import { assertRestored } from "../restore/unfinished-restore.ts";
import { type Diagnosis, failed, sentenceOf } from "./diagnosis.ts";

/** A data directory whose restore was broken off, of which nothing else is worth looking at. */
export async function checkRestore(dataDir: string): Promise<Diagnosis | undefined> {
  try {
    await assertRestored(dataDir);
    return undefined;
  } catch (error) {
    return failed("restore", sentenceOf(error), `Remove ${dataDir}, and run stowage restore once more.`);
  }
}
