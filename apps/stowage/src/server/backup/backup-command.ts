import { resolve } from "node:path";
import type { Command, CommandContext, ExitStatus } from "../../cli/command.ts";
import { UsageError } from "../../cli/command.ts";
import { escapeText, jsonLine } from "../../cli/escape-text.ts";
import { hasOption, numberOption } from "../../cli/parse-options.ts";
import { dataDirOf } from "../../cli/remote/find-server.ts";
import { dataOption } from "../../cli/remote/remote-options.ts";
import { formatSize } from "../../cli/terminal/format-size.ts";
import { createProgressDisplay } from "../../cli/terminal/progress-display.ts";
import type { BackupFault } from "./back-up.ts";

export const backupCommand: Command = {
  name: "backup",
  synopsis: "PLACE [--keep N] [--data DIR] | --verify PLACE",
  summary: "Copy a data directory, while its server runs",
  description: [
    "Makes a backup in the folder PLACE, better on another disk. Each one is complete by itself, and only what is new since",
    "the last takes time and room. Broken off, it leaves the earlier ones as they were, and the next goes on where it was.",
    "It holds the key to all that is stored: keep it as safe as the server.",
    "",
    "  stowage backup /mnt/backup --keep 30      keep the newest thirty",
    "  stowage backup --verify /mnt/backup       read the newest one through, and say whether it is whole",
    "  stowage restore /mnt/backup --data NEW    put it back, into an empty directory",
  ].join("\n"),
  options: {
    verify: { type: "boolean", help: "Make none, but read one that is there, and say whether it is whole" },
    keep: {
      type: "string",
      argument: "N",
      help: "Remove older backups, and what only they needed, once there are more than N (default: none)",
    },
    ...dataOption,
  },
  positionals: { min: 1, max: 1 },
  run: runBackup,
};

async function runBackup(context: CommandContext): Promise<ExitStatus> {
  const path = resolve(context.cwd, context.positionals[0] ?? "");
  const keep = numberOption(context, "keep", { min: 1, max: 100_000 });
  if (!hasOption(context, "verify")) return makeBackup(context, path, keep);
  if (keep !== undefined)
    throw new UsageError("--keep removes backups, and --verify only reads them: give one of the two.");
  return verifyBackup(context, path);
}

async function makeBackup(
  context: CommandContext,
  place: string,
  keep: number | undefined,
): Promise<ExitStatus> {
  // Loaded when it is run: the list of commands must not wait for a server's code.
  const { backUp } = await import("./back-up.ts");
  const { json, out, say, signal, stderr } = context;
  let standing = "Looking for what is new…";
  const display = createProgressDisplay(stderr, (columns) => [standing.slice(0, columns)]);
  display.refresh();
  let faults = 0;
  try {
    const { backup, manifest, copiedBytes, removed } = await backUp({
      dataDir: dataDirOf(context),
      place,
      ...(keep !== undefined && { keep }),
      signal,
      now: () => new Date(),
      onProgress: (copied, all) => {
        standing = `Copied ${formatSize(copied)} of about ${formatSize(Math.max(copied, all))}`;
        display.refresh();
      },
      onWarning: (sentence) => display.print(() => say(escapeText(sentence))),
      onFault: (fault) => {
        faults += 1;
        display.print(() => out(json ? jsonLine(fault) : describeFault(fault)));
      },
    });
    display.end();
    const { takenAt, bucketFiles, bucketBytes } = manifest;
    if (json)
      out(
        jsonLine({
          kind: "summary",
          backup,
          takenAt,
          files: bucketFiles,
          bytes: bucketBytes,
          copiedBytes,
          removed,
          faults,
        }),
      );
    else {
      out(escapeText(backup));
      say(
        `${bucketFiles} files of the bucket (${formatSize(bucketBytes)}), of which ${formatSize(copiedBytes)} were copied now.`,
      );
      if (faults > 0)
        say(
          "What is named above was missing or damaged before: stowage reconcile says whose it is. All else is in the backup.",
        );
    }
    return faults > 0 ? 1 : 0;
  } finally {
    display.end();
  }
}

function describeFault(fault: BackupFault): string {
  if (fault.kind === "damaged") return `damaged  bucket/${escapeText(fault.path)}`;
  const whose = fault.file
    ? `of the file ${fault.file.id}, version ${fault.file.version}`
    : `of the upload ${fault.uploadId}`;
  return `missing  ${escapeText(fault.key)}  ${whose}`;
}

async function verifyBackup(context: CommandContext, path: string): Promise<ExitStatus> {
  const [{ findBackup }, { checkObjects, checkOwnFiles }] = await Promise.all([
    import("./backup-place.ts"),
    import("./verify-backup.ts"),
  ]);
  const { json, out, say, signal, stderr } = context;
  const found = await findBackup(path);
  const manifest = await checkOwnFiles(found, signal);
  let readBytes = 0;
  let faults = 0;
  const display = createProgressDisplay(stderr, (columns) => [
    `Read ${formatSize(readBytes)} of ${formatSize(manifest.bucketBytes)}`.slice(0, columns),
  ]);
  try {
    await checkObjects(found, {
      signal,
      onRead: (bytes) => {
        readBytes += bytes;
        display.refresh();
      },
      onDamage: ({ file, path: of, isMissing }) => {
        faults += 1;
        const kind = isMissing ? "missing" : "damaged";
        display.print(() => out(json ? jsonLine({ kind, file, path: of }) : `${kind}  ${escapeText(file)}`));
      },
    });
  } finally {
    display.end();
  }
  const { takenAt, bucketFiles: files } = manifest;
  if (json) out(jsonLine({ kind: "summary", backup: found.name, takenAt, files, bytes: readBytes, faults }));
  else if (faults === 0)
    say(`The backup ${found.name}, of ${takenAt}, is whole: ${files} files, ${formatSize(readBytes)}.`);
  else
    say(
      `${faults} ${faults === 1 ? "file is" : "files are"} not what was copied. Remove ${faults === 1 ? "it" : "them"} from the backup, and the next stowage backup copies ${faults === 1 ? "it" : "them"} anew, where the original is still there.`,
    );
  return faults > 0 ? 1 : 0;
}
