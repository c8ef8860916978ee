import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type Command, type CommandContext, type ExitStatus, UsageError } from "./command.ts";
import { eachId } from "./each-id.ts";
import { escapeText, jsonLine } from "./escape-text.ts";
import { hasOption, numberOption } from "./parse-options.ts";
import { connect } from "./remote/connect.ts";
import { remoteOptions } from "./remote/remote-options.ts";

export const restoreCommand: Command = {
  name: "restore",
  synopsis: "ID… | ID --version N | BACKUP --data DIR",
  summary: "Take files out of the trash, make an earlier version current, or put a backup back",
  description: [
    "With ids, takes files out of the trash: ls --trash shows what is in it, with its ids.",
    "With --version, makes that version of a file the current one: an earlier one, or a conflict (stowage versions ID).",
    "",
    "With a folder that stowage backup has written to, makes a data directory of the newest backup in it, or of the one",
    "whose own folder it is. DIR is empty, or does not exist yet: nothing is ever written over.",
    "",
    "  stowage restore /mnt/backup --data /srv/stowage-new",
    "  stowage restore /mnt/backup/20261125T030000Z --data /srv/stowage-new",
  ].join("\n"),
  options: {
    ...remoteOptions,
    version: { type: "string", argument: "N", help: "Make this version of the file the current one" },
    "keep-sign-ins": {
      type: "boolean",
      help: "Of a backup: who was signed in then stays so, also where it was revoked since",
    },
  },
  positionals: { min: 1, max: Number.POSITIVE_INFINITY },
  run: runRestore,
};

async function runRestore(context: CommandContext): Promise<ExitStatus> {
  const [first = "", ...others] = context.positionals;
  if (await isPath(context, first)) {
    if (others.length > 0) throw new UsageError("One backup is restored at a time.");
    if (!context.options.has("data"))
      throw new UsageError(
        "Say where the backup is to go: --data DIR, an empty folder or one that does not exist yet.",
      );
    // Loaded when it is run: files of a server's must not wait for its code.
    const { restoreBackup } = await import("../server/restore/restore-backup.ts");
    return restoreBackup(context, resolve(context.cwd, first));
  }
  if (hasOption(context, "keep-sign-ins"))
    throw new UsageError(`--keep-sign-ins is for a backup, and ${JSON.stringify(first)} is no folder.`);
  const version = numberOption(context, "version", { min: 1, max: Number.MAX_SAFE_INTEGER });
  if (version !== undefined && others.length > 0)
    throw new UsageError("--version is of one file: restore them one by one.");
  const client = await connect(context);
  if (version !== undefined)
    return eachId(context, async (id) => {
      await client.files.restoreVersion(id, version, { signal: context.signal });
      context.out(
        context.json ? jsonLine({ id, version }) : `restored  ${escapeText(id)}  version ${version}`,
      );
    });
  return eachId(context, async (id) => {
    const { state } = await client.files.restore(id, { signal: context.signal });
    context.out(context.json ? jsonLine({ id, state }) : `restored  ${escapeText(id)}`);
  });
}

/** No id has a slash in it, and none is the name of a folder here. */
async function isPath({ cwd }: CommandContext, text: string): Promise<boolean> {
  if (/[/\\]/.test(text) || text === "." || text === "..") return true;
  return stat(resolve(cwd, text)).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
