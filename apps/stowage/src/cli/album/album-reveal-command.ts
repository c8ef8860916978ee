import { createAlbums } from "@stowage/client/albums";
import type { Command, CommandContext, ExitStatus } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { connect } from "../remote/connect.ts";
import { remoteOptions } from "../remote/remote-options.ts";

export const albumRevealCommand: Command = {
  name: "album reveal",
  synopsis: "ALBUM",
  summary: "Show everybody in an album what is in it, before its time and for good",
  options: remoteOptions,
  positionals: { min: 1, max: 1 },
  run: runReveal,
};

async function runReveal(context: CommandContext): Promise<ExitStatus> {
  const [id = ""] = context.positionals;
  const album = await createAlbums(await connect(context)).reveal(id, { signal: context.signal });
  context.out(context.json ? jsonLine(album) : `revealed  ${escapeText(id)}`);
  return 0;
}
