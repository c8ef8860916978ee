import { type FileListQuery, ProblemError } from "@stowage/client";
import type { Command, CommandContext } from "./command.ts";
import { UsageError } from "./command.ts";
import { escapeText, jsonLine } from "./escape-text.ts";
import { hasOption, numberOption, textOption } from "./parse-options.ts";
import { parseMetadata } from "./put/parse-metadata.ts";
import { connect } from "./remote/connect.ts";
import { remoteOptions } from "./remote/remote-options.ts";
import { formatSize } from "./terminal/format-size.ts";
import { type Column, formatTable } from "./terminal/format-table.ts";
import { formatTime } from "./terminal/format-time.ts";

export const lsCommand: Command = {
  name: "ls",
  synopsis:
    "[--limit N | --all] [--sort created|taken|name] [--type image|document|video] [--search TEXT] [--meta KEY=VALUE] [--scope SCOPE | --trash]",
  summary: "List your files, newest first unless you say otherwise",
  options: {
    limit: { type: "string", argument: "N", help: "So many files (default 50)" },
    all: { type: "boolean", help: "All of them" },
    sort: { type: "string", argument: "ORDER", help: "created (the default), taken or name" },
    type: { type: "string", argument: "TYPE", help: "image, document or video" },
    search: { type: "string", argument: "TEXT", help: "Those whose name has a word that begins so" },
    meta: { type: "string", argument: "KEY=VALUE", help: "Those with this pair of metadata" },
    scope: {
      type: "string",
      argument: "SCOPE",
      help: "What others show you: shared (by name), organisation or public",
    },
    trash: { type: "boolean", help: "What is in the trash instead, last trashed first" },
    ...remoteOptions,
  },
  positionals: { min: 0, max: 0 },
  run: runLs,
};

const defaultLimit = 50;
const maxPerRequest = 200;

const columnsWith = (time: string): readonly Column[] => [
  { title: "ID" },
  { title: "SIZE", align: "right" },
  { title: time },
  { title: "NAME" },
];

async function runLs(context: CommandContext): Promise<0> {
  const limit = numberOption(context, "limit", { min: 1, max: 1_000_000_000 });
  const all = hasOption(context, "all");
  if (limit !== undefined && all) throw new UsageError("--limit and --all don't go together.");
  const query = readQuery(context);
  const client = await connect(context);
  let left = all ? Number.POSITIVE_INFINITY : (limit ?? defaultLimit);
  const columns = columnsWith(query.sort === "taken" ? "TAKEN" : "CREATED");
  let cursor: string | undefined;
  let isFirst = true;
  do {
    const page = await client.files
      .list({ ...query, limit: Math.min(left, maxPerRequest), cursor, signal: context.signal })
      .catch(tellWhatGoesTogether);
    left -= page.items.length;
    cursor = page.nextCursor ?? undefined;
    if (context.json) for (const file of page.items) context.out(jsonLine(file));
    else if (page.items.length > 0) {
      const rows = page.items.map(({ id, sizeBytes, createdAt, takenAt = createdAt, name }) => [
        id,
        formatSize(sizeBytes),
        formatTime(query.sort === "taken" ? takenAt : createdAt),
        escapeText(name),
      ]);
      for (const line of formatTable(columns, rows).slice(isFirst ? 0 : 1)) context.out(line);
    }
    isFirst &&= page.items.length === 0;
  } while (left > 0 && cursor !== undefined);
  if (isFirst && !context.json) context.say(nothingIn(query));
  if (cursor !== undefined && !context.json) context.say("There are more: --all lists them.");
  return 0;
}

/** @throws UsageError */
function readQuery(context: CommandContext): FileListQuery {
  const pair = textOption(context, "meta");
  return {
    scope: readScope(context),
    sort: choiceOption(context, "sort", ["created", "taken", "name"]),
    type: choiceOption(context, "type", ["image", "document", "video"]),
    q: textOption(context, "search"),
    ...(pair !== undefined && { metadata: parseMetadata([pair]) }),
  };
}

/** @throws UsageError */
function readScope(context: CommandContext): FileListQuery["scope"] {
  const scope = choiceOption(context, "scope", ["own", "shared", "organisation", "public"]);
  if (!hasOption(context, "trash")) return scope;
  if (scope !== undefined) throw new UsageError("--scope and --trash don't go together.");
  return "trash";
}

/** @throws UsageError */
function choiceOption<Choice extends string>(
  context: CommandContext,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = textOption(context, name);
  const choice = choices.find((each) => each === text);
  if (text !== undefined && choice === undefined)
    throw new UsageError(`--${name} must be one of ${choices.join(", ")}.`);
  return choice;
}

/** The server knows which lists there are; it speaks of parameters, and people of options. */
function tellWhatGoesTogether(error: unknown): never {
  if (error instanceof ProblemError && error.code === "unsupported-combination")
    throw new UsageError(
      "These options don't go together. What does: any --sort; --type with --sort created or taken; --meta; --search; --scope; --trash.",
      { cause: error },
    );
  throw error;
}

function nothingIn({ scope, type, q, metadata }: FileListQuery): string {
  if (scope === "trash") return "The trash is empty.";
  if (scope !== undefined && scope !== "own") return "Nobody shows you any files there.";
  return (type ?? q ?? metadata) ? "There is no such file." : "You have no files yet.";
}
