import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { NetworkError, StoreRefusedError, type Uploader } from "@stowage/client";
import type { NodeSource } from "@stowage/client/node";
import type { File, FileVersion } from "@stowage/protocol";
import { type Command, type CommandContext, CommandError, type ExitStatus, UsageError } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { findVersion, readHistory } from "../find-version.ts";
import { hasOption, numberOption, textOption } from "../parse-options.ts";
import { connect } from "../remote/connect.ts";
import { remoteOptions } from "../remote/remote-options.ts";
import { fitColumns } from "../terminal/display-width.ts";
import { formatSize } from "../terminal/format-size.ts";
import { createProgressDisplay, progressBar } from "../terminal/progress-display.ts";
import { type AskedPicture, chooseTarget, exists } from "./choose-target.ts";
import { fetchPieces } from "./fetch-pieces.ts";
import { assertDigest, existsError, saveDownload } from "./save-download.ts";

export const getCommand: Command = {
  name: "get",
  synopsis: "ID [-o PATH] [--version N] [--derivative D [--page N]] [--force]",
  summary: "Fetch a file, and check that it is the one that was sent",
  description: [
    "Without -o it goes into the folder where you stand, under its own name made safe. Nothing is there before it",
    "is whole and its SHA-256 is right. A download that breaks off goes on where it was.",
    "",
    "  stowage get ID                          an ID is the first column of stowage ls",
    "  stowage get ID -o copies/               into a folder",
    "  stowage get ID -o - | wc -c             to standard output",
    "  stowage get ID --derivative thumbnail",
    "  stowage get ID --derivative page --page 3",
    "  stowage get ID --version 2              from its history (stowage versions ID)",
  ].join("\n"),
  options: {
    output: {
      type: "string",
      short: "o",
      argument: "PATH",
      help: "File or folder to write to; - is standard output",
    },
    derivative: { type: "string", argument: "D", help: "Not the original, but thumbnail, preview …" },
    page: { type: "string", argument: "N", help: "With --derivative: of a document's page N" },
    version: { type: "string", argument: "N", help: "Not the current version, but this one" },
    force: { type: "boolean", help: "Replace a file that is there" },
    ...remoteOptions,
  },
  positionals: { min: 1, max: 1 },
  run: runGet,
};

/** Tries of a download that breaks off and gets no further, each with a fresh request for what is still to come. */
const maxAttempts = 4;
const pauseMs = 1000;

async function runGet(context: CommandContext): Promise<ExitStatus> {
  const [id = ""] = context.positionals;
  const derivative = textOption(context, "derivative");
  const page = numberOption(context, "page", { min: 1, max: 1_000_000 });
  if (page !== undefined && derivative === undefined)
    throw new UsageError("--page needs --derivative: the original is fetched whole.");
  const client = await connect(context);
  const version = numberOption(context, "version", { min: 1, max: Number.MAX_SAFE_INTEGER });
  const picture = derivative === undefined || derivative === "original" ? undefined : { derivative, page };
  const find = async () => {
    const file = await client.files.get(id, { signal: context.signal });
    return version === undefined ? file : versionOf(context, client, id, version);
  };
  let content = await find();
  if (picture && !content.derivatives.some(({ name }) => name === derivative)) {
    // Made for this first ask, maybe: what it is then says how it is named.
    await client.files.download(id, { version, ...picture, signal: context.signal });
    content = await find();
  }
  const fetching = createFetching(context, client, { ...content, id }, picture);
  try {
    if (textOption(context, "output") === "-") return await getToStandardOutput(context, fetching);

    const target = await chooseTarget(context, { ...content, id }, picture);
    const overwrite = hasOption(context, "force");
    if (!overwrite && (await exists(target))) throw existsError(target);
    await saveDownload(target, { overwrite, sha256: fetching.sha256 }, fetching.run);
    fetching.end();
    if (context.json) context.out(jsonLine({ id, file: target, sha256: fetching.sha256 }));
    else context.out(escapeText(target));
    return 0;
  } finally {
    fetching.end();
  }
}

/** A version of a file's history, which has what is asked of the file else. */
async function versionOf(
  { signal }: CommandContext,
  client: Uploader<NodeSource>,
  fileId: string,
  version: number,
): Promise<FileVersion> {
  const found = await findVersion(readHistory(client, fileId, signal), (one) => one.version === version);
  if (!found) throw new CommandError(`The file has no version ${version}: stowage versions ID lists them.`);
  return found;
}

/** What is fetched: a version of a file, and the file's id. */
type Content = Pick<File, "id" | "name" | "sizeBytes" | "sha256" | "derivatives" | "version">;

interface Fetching {
  /** What the bytes must have; unknown of a derivative. */
  readonly sha256: string | undefined;
  run(write: (piece: Uint8Array) => Promise<void>): Promise<void>;
  end(): void;
}

function createFetching(
  context: CommandContext,
  client: Uploader<NodeSource>,
  { id, name, sizeBytes, sha256, derivatives, version }: Content,
  picture: AskedPicture | undefined,
): Fetching {
  const { stderr, signal } = context;
  const made = derivatives.find(({ name: each }) => each === picture?.derivative);
  const totalBytes = picture ? (picture.page === undefined ? made?.sizeBytes : undefined) : sizeBytes;
  let doneBytes = 0;
  const display = createProgressDisplay(stderr, (columns) => {
    const words = `${formatSize(doneBytes)}${totalBytes === undefined ? "" : ` of ${formatSize(totalBytes)}`}`;
    const bar = totalBytes === undefined ? "" : `${progressBar(doneBytes / Math.max(1, totalBytes), 24)}  `;
    return [fitColumns(`${bar}${words}  ${escapeText(name)}`, columns).trimEnd()];
  });
  return {
    sha256: picture ? undefined : sha256,
    run: (write) =>
      repeated(
        context,
        () => doneBytes,
        async () => {
          const request = await client.files.download(id, { version, ...picture, signal });
          await fetchPieces(request, signal, doneBytes, async (piece) => {
            await write(piece);
            doneBytes += piece.length;
            display.refresh();
          });
        },
      ),
    end: display.end,
  };
}

/** Goes on where it broke off: what came is kept, and the whole is held to its digest at the end. */
async function repeated(
  context: CommandContext,
  doneBytes: () => number,
  work: () => Promise<void>,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const before = doneBytes();
    try {
      return await work();
    } catch (error) {
      const mayPass =
        error instanceof NetworkError || (error instanceof StoreRefusedError && error.status !== 404);
      if (doneBytes() > before) attempt = 1;
      if (!mayPass || attempt === maxAttempts) throw error;
      context.say(`${escapeText(error.message)} Trying again.`);
      await sleep(pauseMs * attempt, undefined, { signal: context.signal });
    }
  }
}

/** What was written can't be taken back: a wrong digest is said at the end. */
async function getToStandardOutput(context: CommandContext, fetching: Fetching): Promise<ExitStatus> {
  const hash = createHash("sha256");
  await fetching.run(async (piece) => {
    hash.update(piece);
    await new Promise<void>((written, failed) =>
      context.stdout.write(piece, (error) => (error ? failed(error) : written())),
    );
  });
  assertDigest(hash.digest("hex"), fetching.sha256);
  return 0;
}
