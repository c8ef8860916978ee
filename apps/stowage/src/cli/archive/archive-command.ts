import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Archive } from "@stowage/protocol";
import { type Command, type CommandContext, CommandError, type ExitStatus, UsageError } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { exists } from "../get/choose-target.ts";
import { fetchPieces } from "../get/fetch-pieces.ts";
import { existsError, saveDownload } from "../get/save-download.ts";
import { hasOption, textOption } from "../parse-options.ts";
import { findAccess, type ServerAccess } from "../remote/connect.ts";
import { remoteOptions } from "../remote/remote-options.ts";

export const archiveCommand: Command = {
  name: "archive",
  synopsis: "ID… | --album ID | --everything [-o FOLDER] [--force]",
  summary: "Fetch many files as ZIP files, with a list of what is in them",
  description: [
    "The server packs them, which may take a while: this command waits. Files of others come as others get them; what you may",
    "not see is left out, and named. Each ZIP file has at most 4 GB.",
    "",
    "  stowage archive ID ID ID -o copies/",
    "  stowage archive --album ID              what is in an album",
    "  stowage archive --everything            all that you have, every version, and what is known of you",
  ].join("\n"),
  options: {
    album: { type: "string", argument: "ID", help: "What is in an album" },
    everything: { type: "boolean", help: "All of your own" },
    output: {
      type: "string",
      short: "o",
      argument: "FOLDER",
      help: "Folder to write to; default: where you stand",
    },
    force: { type: "boolean", help: "Replace files that are there" },
    ...remoteOptions,
  },
  positionals: { min: 0, max: Number.POSITIVE_INFINITY },
  run: runArchive,
};

const pollMs = 1000;

async function runArchive(context: CommandContext): Promise<ExitStatus> {
  const everything = hasOption(context, "everything");
  const fileIds = context.positionals;
  const albumId = textOption(context, "album");
  const ways = [everything, fileIds.length > 0, albumId !== undefined];
  if (ways.filter(Boolean).length !== 1)
    throw new UsageError("Name files by their IDs, or an album by --album, or say --everything.");
  const access = await findAccess(context);
  const asked = everything
    ? await ask(context, access, "POST", "/v1/me/export", {})
    : await ask(context, access, "POST", "/v1/archives", albumId === undefined ? { fileIds } : { albumId });
  const archive = await made(context, access, asked.id);
  const folder = resolve(context.cwd, textOption(context, "output") ?? ".");
  for (const [index, { sha256 }] of archive.parts.entries()) {
    const number = archive.parts.length === 1 ? "" : `-${index + 1}-of-${archive.parts.length}`;
    const target = join(folder, `stowage-${archive.id.slice(-8)}${number}.zip`);
    const overwrite = hasOption(context, "force");
    if (!overwrite && (await exists(target))) throw existsError(target);
    // Asked for anew: a URL may have ended while the part before it came.
    const { request } = (await made(context, access, asked.id)).parts[index] ?? archive.parts[index] ?? {};
    if (!request) throw gone();
    await saveDownload(target, { overwrite, sha256 }, (write) =>
      fetchPieces(request, context.signal, 0, write),
    );
    if (context.json) context.out(jsonLine({ archive: archive.id, file: target, sha256 }));
    else context.out(escapeText(target));
  }
  for (const { fileId, reason } of archive.leftOut)
    context.say(`Left out ${escapeText(fileId)}: ${whyLeftOut[reason]}.`);
  return archive.leftOut.length > 0 && !everything ? 3 : 0;
}

const whyLeftOut: Readonly<Record<Archive["leftOut"][number]["reason"], string>> = {
  "not-visible": "there is no such file, or you may not see it",
  "not-ready": "it is in the trash or quarantined",
  "no-rendition": "nobody can tell what else it holds, so others get pictures of it alone",
};

/** Waits until it is made. */
async function made(context: CommandContext, access: ServerAccess, id: string): Promise<Archive> {
  for (;;) {
    const archive = await ask(context, access, "GET", `/v1/archives/${encodeURIComponent(id)}`);
    if (archive.state === "ready") return archive;
    if (archive.state === "stale") throw gone();
    if (archive.state === "failed")
      throw new CommandError(escapeText(archive.failure?.detail ?? "The server could not make it."));
    await sleep(pollMs, undefined, { signal: context.signal });
  }
}

const gone = () =>
  new CommandError("Something in it is not yours to see any more, or has changed: ask for it again.");

async function ask(
  { signal }: CommandContext,
  { server, getToken }: ServerAccess,
  method: "GET" | "POST",
  path: string,
  json?: unknown,
): Promise<Archive> {
  const response = await fetch(new URL(path, server), {
    method,
    headers: {
      authorization: `Bearer ${await getToken()}`,
      ...(json === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    signal,
  }).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    throw new CommandError(`${server} can't be reached.`, 1, { cause });
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && isArchive(body)) return body.archive;
  const detail = isProblem(body) ? body.detail : `It answered ${response.status}.`;
  throw new CommandError(escapeText(detail), response.status === 401 ? 4 : 1);
}

const hasMember = (value: unknown, name: string): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name);

const isArchive = (body: unknown): body is { readonly archive: Archive } =>
  hasMember(body, "archive") && hasMember(body.archive, "state");

const isProblem = (body: unknown): body is { readonly detail: string } =>
  hasMember(body, "detail") && typeof body.detail === "string";
