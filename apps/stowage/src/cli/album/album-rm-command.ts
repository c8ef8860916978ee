import { createAlbums } from "@stowage/client/albums";
import type { Command, CommandContext, ExitStatus } from "../command.ts";
import { eachId } from "../each-id.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { connect } from "../remote/connect.ts";
import { remoteOptions } from "../remote/remote-options.ts";

export const albumRmCommand: Command = {
  name: "album rm",
  synopsis: "ALBUM…",
  summary: "Delete albums; the files in them stay their owners'",
  description:
    "One that is sealed can be deleted only if there is nothing in it, and nothing on its way to it.",
  options: remoteOptions,
  positionals: { min: 1, max: Number.POSITIVE_INFINITY },
  run: runRm,
};

async function runRm(context: CommandContext): Promise<ExitStatus> {
  const albums = createAlbums(await connect(context));
  return eachId(context, async (id) => {
    await albums.remove(id, { signal: context.signal });
    context.out(context.json ? jsonLine({ id, state: "deleted" }) : `deleted  ${escapeText(id)}`);
  });
}
