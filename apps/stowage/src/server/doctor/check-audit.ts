import { access, constants, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { checkpointFileOf } from "../audit/checkpoint-file.ts";
import type { Configuration } from "../settings.ts";
import { type Diagnosis, failed, ok } from "./diagnosis.ts";

/** Whether checkpoints of the audit can be written, and how much they are worth where they are. */
export async function checkAudit(dataDir: string, configuration: Configuration): Promise<Diagnosis> {
  const check = "audit";
  const file = checkpointFileOf(dataDir, configuration);
  if (!(await mayWrite(file)))
    return failed(
      check,
      `Checkpoints of the audit can't be written to ${file}.`,
      "Make its folder, for the account that runs the server, or set audit.checkpoints to another file.",
    );
  const shown = dirname(file) === dataDir ? `${basename(file)} of the data directory` : file;
  if (await isOnDiskOf(file, dataDir))
    return ok(
      check,
      `Checkpoints are in ${shown}, on the database's own disk: who can change the one can take away the other. Another disk or machine is better (audit.checkpoints).`,
    );
  return ok(check, `Checkpoints are in ${file}, on another disk than the database.`);
}

const mayWrite = (file: string): Promise<boolean> =>
  access(file, constants.W_OK).then(
    () => true,
    (error: unknown) =>
      error instanceof Error && "code" in error && error.code === "ENOENT"
        ? access(dirname(file), constants.W_OK).then(
            () => true,
            () => false,
          )
        : false,
  );

const isOnDiskOf = async (file: string, dataDir: string): Promise<boolean> =>
  (await stat(dirname(file))).dev === (await stat(dataDir)).dev;
