import { createSharing } from "@stowage/client/sharing";
import type { Command, CommandContext, ExitStatus } from "../command.ts";
import { eachId } from "../each-id.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { connect } from "../remote/connect.ts";
import { remoteOptions } from "../remote/remote-options.ts";

export const albumAddCommand: Command = {
  name: "album add",
  synopsis: "ALBUM FILE…",
  summary: "Put files of yours into an album",
  description:
    "Everybody in it sees them then, without the places that stand in them. What is to be sealed is sent to the album: stowage put --album ALBUM.",
  options: remoteOptions,
  positionals: { min: 2, max: Number.POSITIVE_INFINITY },
  run: runAdd,
};

async function runAdd(context: CommandContext): Promise<ExitStatus> {
  const [albumId = "", ...files] = context.positionals;
  const { signal } = context;
  const client = await connect(context);
  return eachId({ ...context, positionals: files }, async (id) => {
    const { albumIds = [] } = await client.files.get(id, { signal });
    const wanted = [...new Set([...albumIds, albumId])];
    await createSharing(client).update(id, { albumIds: wanted }, { signal });
    context.out(context.json ? jsonLine({ id, albumId, state: "added" }) : `added  ${escapeText(id)}`);
  });
}
