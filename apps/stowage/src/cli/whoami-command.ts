import type { Command } from "./command.ts";
import { escapeText, jsonLine } from "./escape-text.ts";
import { connect } from "./remote/connect.ts";
import { findServer } from "./remote/find-server.ts";
import { remoteOptions } from "./remote/remote-options.ts";
import { describeHowSignedIn, findHowSignedIn } from "./sign-in/how-signed-in.ts";
import { formatSize } from "./terminal/format-size.ts";

export const whoamiCommand: Command = {
  name: "whoami",
  synopsis: "[--server URL]",
  summary: "Who you are to the server, until when, what you have used and what you may",
  options: remoteOptions,
  positionals: { min: 0, max: 0 },
  async run(context) {
    const server = await findServer(context);
    const me = await (await connect(context)).me({ signal: context.signal });
    const signedIn = await findHowSignedIn(context, server);
    if (context.json) {
      context.out(jsonLine({ ...me, server, signedIn }));
      return 0;
    }
    const reserved = me.reservedBytes > 0 ? `, and ${formatSize(me.reservedBytes)} on their way` : "";
    const quota = me.quotaBytes === null ? "" : ` of ${formatSize(me.quotaBytes)}`;
    const types = me.profiles.map(({ name, types }) => {
      const list = types.map(
        ({ contentType, maxSizeBytes }) => `${contentType} (${formatSize(maxSizeBytes)})`,
      );
      return `${name}: ${list.join(", ")}`;
    });
    const rows: [string, string | undefined][] = [
      ["E-mail", me.email],
      ["Name", me.name],
      ["Organisation", me.organisation],
      ["Server", server],
      ["Issuer", me.issuer],
      ["Signed in", describeHowSignedIn(signedIn, Date.now())],
      ["Used", `${formatSize(me.usedBytes)}${quota}${reserved}`],
      [
        "Uploads",
        `${me.openUploads} open${me.limits.openUploads === null ? "" : ` of ${me.limits.openUploads}`}`,
      ],
      ["Token", `may ${me.scopes.join(", ")}`],
      ...types.map((line): [string, string] => ["Profile", line]),
    ];
    for (const [title, value] of rows)
      if (value !== undefined) context.out(`${`${title}:`.padEnd(14)}${escapeText(value)}`);
    return 0;
  },
};
