import { readLastBackup } from "../backup/last-backup.ts";
import { type Diagnosis, ok, skipped, warning } from "./diagnosis.ts";

const check = "backup";

const dayMs = 24 * 3600 * 1000;
/** Who makes backups makes them every night, or every week. */
const oldMs = 8 * dayMs;

/** How old the newest backup is. Whoever backs up by other means is told that this does not see it, and no more. */
export async function checkBackup(dataDir: string, nowMs: number): Promise<Diagnosis> {
  const last = await readLastBackup(dataDir);
  if (!last) return skipped(check, "None was made by stowage backup; others are not seen from here.");
  const days = Math.floor((nowMs - Date.parse(last.takenAt)) / dayMs);
  const sentence = `The newest backup is ${last.backup}, of ${last.takenAt}.`;
  return nowMs - Date.parse(last.takenAt) > oldMs
    ? warning(
        check,
        `${sentence} That was ${days} days ago.`,
        "Run stowage backup, and look at why what runs it from a timer does not.",
      )
    : ok(check, sentence);
}
