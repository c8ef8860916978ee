import type { Command } from "../command.ts";

/** Of every command that runs on a data directory. */
export const dataOption = {
  data: { type: "string", argument: "DIR", help: "Data directory of the server (default ./.stowage)" },
} as const satisfies Command["options"];

/** Of every command that asks a server. */
export const remoteOptions = {
  server: {
    type: "string",
    argument: "URL",
    help: "Address of the server (default STOWAGE_SERVER, or that of the data directory)",
  },
  ...dataOption,
} as const satisfies Command["options"];
