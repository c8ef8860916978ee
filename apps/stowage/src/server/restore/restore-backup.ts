import type { CommandContext, ExitStatus } from "../../cli/command.ts";
import { escapeText, jsonLine } from "../../cli/escape-text.ts";
import { hasOption } from "../../cli/parse-options.ts";
import { dataDirOf } from "../../cli/remote/find-server.ts";
import { formatSize } from "../../cli/terminal/format-size.ts";
import { createProgressDisplay } from "../../cli/terminal/progress-display.ts";
import { restoreDataDirectory } from "./restore-data-directory.ts";

/** `stowage restore BACKUP`: 1 where something of it could not be put back, and is told. */
export async function restoreBackup(context: CommandContext, path: string): Promise<ExitStatus> {
  const { json, out, say, signal, stderr, program } = context;
  const dataDir = dataDirOf(context);
  const keepsSignIns = hasOption(context, "keep-sign-ins");
  let standing = "Reading the backup's databases…";
  let faults = 0;
  const display = createProgressDisplay(stderr, (columns) => [standing.slice(0, columns)]);
  display.refresh();
  try {
    const { backup, manifest } = await restoreDataDirectory({
      backup: path,
      dataDir,
      keepsSignIns,
      signal,
      onProgress: (copied, all) => {
        standing = `Restored ${formatSize(copied)} of ${formatSize(all)}`;
        display.refresh();
      },
      onDamage: ({ file, path: of, isMissing }) => {
        faults += 1;
        const kind = isMissing ? "missing" : "damaged";
        display.print(() =>
          out(
            json
              ? jsonLine({ kind, file, path: of })
              : `${kind}  ${escapeText(file)}  bucket/${escapeText(of)}`,
          ),
        );
      },
    });
    display.end();
    const { takenAt, bucketBytes: bytes, publicUrl } = manifest;
    const files = manifest.bucketFiles - faults;
    if (json) {
      out(
        jsonLine({ kind: "summary", dataDir, backup: backup.name, takenAt, files, bytes, publicUrl, faults }),
      );
      return faults > 0 ? 1 : 0;
    }
    out(escapeText(dataDir));
    say(
      faults === 0
        ? `Restored as of ${takenAt}: ${files} files of the bucket, ${formatSize(bytes)}.`
        : `Restored as of ${takenAt}: ${files} of ${manifest.bucketFiles} files of the bucket.`,
    );
    if (faults > 0)
      say(
        "What is named above is not in the backup any more, and was left out; stowage reconcile says whose it is.",
      );
    say(
      keepsSignIns
        ? "Who was signed in then is signed in again, also where that was revoked since."
        : "Everybody signs in anew, with the password of then; links to make an account have ended.",
    );
    say("Links, invites, grants and members of albums are those of then, also what was taken back since.");
    if (publicUrl !== undefined)
      say(`Accounts belong to ${escapeText(publicUrl)}: start the server with that public URL, as before.`);
    const on = `--data ${escapeText(dataDir)}`;
    say(`\nNext: ${program} doctor ${on}, then ${program} reconcile --deep ${on}.`);
    return faults > 0 ? 1 : 0;
  } finally {
    display.end();
  }
}
