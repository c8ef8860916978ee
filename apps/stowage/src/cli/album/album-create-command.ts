import { createAlbums } from "@stowage/client/albums";
import type { Command, CommandContext, ExitStatus } from "../command.ts";
import { jsonLine } from "../escape-text.ts";
import { parseLinkEnd } from "../link/parse-link-end.ts";
import { numberOption, textOption } from "../parse-options.ts";
import { connect } from "../remote/connect.ts";
import { remoteOptions } from "../remote/remote-options.ts";

export const albumCreateCommand: Command = {
  name: "album create",
  synopsis: "NAME [--reveal WHEN] [--shots N]",
  summary: "Make an album, sealed until a reveal where you say one",
  description: [
    "Prints its id. With --reveal nobody sees what is in it before then, you neither; it can't be sealed later.",
    "",
    "  stowage album create Wedding --reveal 2026-12-24T18:00:00Z --shots 24",
  ].join("\n"),
  options: {
    reveal: {
      type: "string",
      argument: "WHEN",
      help: "Seal it until then: 12h or 7d from now, or a time of RFC 3339",
    },
    shots: { type: "string", argument: "N", help: "How many uploads each person may make to it" },
    ...remoteOptions,
  },
  positionals: { min: 1, max: 1 },
  run: runCreate,
};

async function runCreate(context: CommandContext): Promise<ExitStatus> {
  const [name = ""] = context.positionals;
  const when = textOption(context, "reveal");
  const revealAt = when === undefined ? undefined : parseLinkEnd(when, Date.now(), "reveal");
  const shotsPerMember = numberOption(context, "shots", { min: 1, max: 100_000 });
  const albums = createAlbums(await connect(context));
  const album = await albums.create({ name, revealAt, shotsPerMember }, { signal: context.signal });
  context.out(context.json ? jsonLine(album) : album.id);
  return 0;
}
