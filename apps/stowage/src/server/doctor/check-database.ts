import { access } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type DatabaseExamination, examineSqliteDatabase } from "@stowage/sql";
import { databaseFile, issuerDirectory } from "../data-directory-places.ts";
import { type Diagnosis, failed, ok, sentenceOf, skipped, warning } from "./diagnosis.ts";

/** Uploads wait seconds. */
const longWaitMs = 10 * 60_000;

/** Clocks of one machine differ by nothing; a clock that was set back by seconds does no harm. */
const clockBackMs = 5_000;

/** A sweeper comes by every half minute. */
const overdueMs = 3600 * 1000;

const restore =
  "Stop Stowage, put a backup in the place of the data directory (stowage restore), and run stowage reconcile --dry-run.";

/** The database: sound, of this version, with its work done and its clock going forward. */
export async function checkDatabase(
  dataDir: string,
  { isRunning, nowMs }: { readonly isRunning: boolean; readonly nowMs: number },
): Promise<Diagnosis[]> {
  const check = "database";
  const file = databaseFile(dataDir);
  if (!(await exists(file))) return [skipped(check, "It is made by the first start.")];
  let found: DatabaseExamination;
  try {
    found = examineSqliteDatabase(file, { waitingSinceMs: nowMs - longWaitMs });
  } catch (error) {
    return [failed(check, `${file} can't be read: ${sentenceOf(error)}`, restore)];
  }
  const { damage, schemaVersion, knownSchemaVersion, lastEventAtMs, waitingUploads, oldestDueMs } = found;
  if (damage.length > 0) return [failed(check, `${file} is damaged: ${damage[0]?.slice(0, 200)}.`, restore)];
  if (schemaVersion > knownSchemaVersion)
    return [
      failed(
        check,
        `It was written by a newer Stowage (schema ${schemaVersion}; this one knows ${knownSchemaVersion}).`,
        "Use that version, or a newer one.",
      ),
    ];
  const diagnoses = [
    schemaVersion < knownSchemaVersion
      ? warning(
          check,
          `It is sound, of an older version (schema ${schemaVersion} of ${knownSchemaVersion}).`,
          "Make a backup; the next start of the server brings it up to date.",
        )
      : ok(check, `Sound, and up to date (schema ${schemaVersion}).`),
  ];
  if (lastEventAtMs !== undefined && lastEventAtMs > nowMs + clockBackMs)
    diagnoses.push(
      failed(
        "clock",
        `The database has events of ${new Date(lastEventAtMs).toISOString()}, and here it is ${new Date(nowMs).toISOString()}: the clock was set back.`,
        "Set the clock right and keep it so (NTP).",
      ),
    );
  else diagnoses.push(ok("clock", "It is later than all that is in the database."));
  if (waitingUploads > 0 && isRunning)
    diagnoses.push(
      warning(
        "verification",
        `${waitingUploads} uploads have waited to be checked for more than ten minutes.`,
        "Look at the worker's log; worker.concurrency 0 pauses it, more processors speed it up.",
      ),
    );
  if (isRunning && oldestDueMs !== undefined && oldestDueMs < nowMs - overdueMs)
    diagnoses.push(
      warning(
        "sweeper",
        `What was to be removed by ${new Date(oldestDueMs).toISOString()} is there still: the sweeper fails, or stands still.`,
        "Look at the worker's log, and run stowage reconcile.",
      ),
    );
  return diagnoses;
}

/** The accounts of the built-in issuer. */
export async function checkAccounts(dataDir: string): Promise<Diagnosis> {
  const check = "accounts";
  const file = join(issuerDirectory(dataDir), "issuer.sqlite");
  if (!(await exists(file))) return skipped(check, "They are made by the first start.");
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
    try {
      const [first] = database.prepare("PRAGMA quick_check(1)").all();
      if (first?.quick_check !== "ok") throw new Error(String(first?.quick_check));
    } finally {
      database.close();
    }
    return ok(check, "The issuer's database is sound.");
  } catch (error) {
    return failed(check, `${file} is damaged: ${sentenceOf(error)}`, restore);
  }
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
