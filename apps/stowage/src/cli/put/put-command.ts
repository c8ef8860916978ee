import {
  NetworkError,
  NotSignedInError,
  ProblemError,
  type Progress,
  UnexpectedAnswerError,
  type UploadOutcome,
  uploadMany,
} from "@stowage/client";
import type { NodeSource } from "@stowage/client/node";
import type { FileVersion } from "@stowage/protocol";
import { type Command, type CommandContext, type ExitStatus, UsageError } from "../command.ts";
import { escapeText } from "../escape-text.ts";
import { hasOption, numberOption, textOption, textOptions } from "../parse-options.ts";
import { connect } from "../remote/connect.ts";
import { remoteOptions } from "../remote/remote-options.ts";
import { createProgressDisplay } from "../terminal/progress-display.ts";
import { createAlreadyThere } from "./already-there.ts";
import { countAhead } from "./count-ahead.ts";
import { parseMetadata } from "./parse-metadata.ts";
import { createPutProgress } from "./put-progress.ts";
import { createPutReport } from "./put-report.ts";
import { createReplacement, type Replacement } from "./replacement.ts";
import { sampleDigest } from "./sample-digest.ts";
import { refOf } from "./upload-ref.ts";
import { readFiles, type WalkOptions } from "./walk-paths.ts";

export const putCommand: Command = {
  name: "put",
  synopsis: "PATH… [-r] [--album ID] [--profile P] [--meta KEY=VALUE]… [--no-wait], or PATH --replace ID",
  summary: "Send files, and wait until each is checked",
  description: [
    "Each file goes straight to the object store and is then checked: it ends ready, or rejected with a reason.",
    "A put that was stopped goes on where it was when the same command is given again, and a file that is there",
    "already is not sent twice. Above 20 MB a file goes in parts, of which only the missing ones are sent then.",
    "",
    "  stowage put photo.jpg scan.pdf",
    "  stowage put -r holidays                 a folder and all below it, without hidden files and links",
    "  stowage put report.pdf --meta case=123  with metadata that an app finds it by",
    "  stowage put -r photos --album ID        into an album; before its reveal nobody sees what is there",
    "  stowage put report.pdf --replace ID     as the next version of a file; versions ID shows its history",
    '  stowage put photo.jpg --json            {"file","id","state","sha256"}, or {"file","problem"}',
  ].join("\n"),
  options: {
    recursive: { type: "boolean", short: "r", help: "Send what is in folders" },
    album: { type: "string", argument: "ID", help: "Put them into this album" },
    profile: { type: "string", argument: "P", help: "Types and limits that apply (whoami lists them)" },
    meta: {
      type: "string",
      multiple: true,
      argument: "KEY=VALUE",
      help: "Metadata of each file; may be given often",
    },
    replace: {
      type: "string",
      argument: "ID",
      help: "Make it the next version of this file, in place of the one that is current now",
    },
    "no-wait": { type: "boolean", help: "Don't wait for the check" },
    concurrency: {
      type: "string",
      argument: "N",
      help: "Files or parts sent at the same time, 1 to 64 (default 4)",
    },
    ...remoteOptions,
  },
  positionals: { min: 1, max: Number.POSITIVE_INFINITY },
  run: runPut,
};

/** So many files in a row that no answer came for: the network is down, and not one file's fault. */
const unansweredBeforeStop = 5;
const wordsEveryMs = 10_000;

async function runPut(context: CommandContext): Promise<ExitStatus> {
  const profile = textOption(context, "profile");
  const metadata = parseMetadata(textOptions(context, "meta"));
  const albumId = textOption(context, "album");
  const replace = textOption(context, "replace");
  if (replace !== undefined) assertReplaces(context);
  const concurrency = numberOption(context, "concurrency", { min: 1, max: 64 });
  const client = await connect(context, { patient: true, concurrency });

  const progress = createPutProgress(() => performance.now());
  const screen = context.env.TERM === "dumb" ? { write: () => undefined } : context.stderr;
  const display = createProgressDisplay(screen, progress.lines);
  const report = createPutReport(context, display.print);
  const sayRetry = createSayRetry(context);
  const stop = createStop();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const walk: WalkOptions = {
    cwd: context.cwd,
    recursive: hasOption(context, "recursive"),
    onSkipped: report.skipped,
    onProblem: report.problem,
  };

  const compared = {
    client,
    signal,
    onRead(file: NodeSource, doneBytes: number) {
      progress.update(file, { stage: "hashing", doneBytes, totalBytes: file.sizeBytes });
      display.refresh();
    },
  };
  const alreadyThere = createAlreadyThere(compared);
  const replacement =
    replace === undefined ? undefined : await createReplacement({ ...compared, fileId: replace });
  const { replaces } = replacement ?? {};
  let replaced: UploadOutcome<NodeSource> | undefined;

  const isTerminal = screen === context.stderr && context.stderr.isTTY === true;
  const words = isTerminal
    ? undefined
    : setInterval(() => context.say(progress.words()), wordsEveryMs).unref();
  if (isTerminal) void countAhead(context.positionals, walk, signal, progress.expect);
  try {
    const files = readFiles(context.positionals, walk);
    await uploadMany(client, replacement?.changed(files, report.current) ?? files, {
      signal,
      wait: !hasOption(context, "no-wait"),
      profile,
      metadata,
      replaces,
      albumId,
      async ref(file, sha256) {
        if (sha256 !== undefined) alreadyThere.hashed(file, sha256);
        return refOf(file, sha256 ?? (await sampleDigest(file)), { profile, metadata, replaces, albumId });
      },
      onAlreadyThere: replacement?.otherRef ?? alreadyThere.otherRef,
      onProgress(now, file) {
        progress.update(file, now);
        if (!isTerminal) sayRetry(now, file);
        display.refresh();
      },
      onOutcome(outcome) {
        progress.end(outcome.file);
        if (stop.decide(outcome)) return;
        if (replacement) replaced = outcome;
        else report.outcome(outcome);
      },
    });
    if (replaced) report.outcome(replaced, await placeOf(replacement, replaced));
  } catch (error) {
    throw context.signal.aborted ? error : (stop.reason() ?? error);
  } finally {
    clearInterval(words);
    display.end();
    if (signal.aborted) context.say("Stopped. The same command goes on where this one was.");
  }
  report.summary();
  return report.status();
}

/** @throws UsageError where that is not one file in the place of one */
function assertReplaces(context: CommandContext): void {
  if (context.positionals.length > 1 || hasOption(context, "recursive"))
    throw new UsageError("--replace takes one file, for one.");
  if (textOption(context, "album") !== undefined)
    throw new UsageError("--album does not go with --replace: the file stays where it is.");
  if (textOptions(context, "meta").length > 0)
    throw new UsageError("--meta does not go with --replace: the file keeps the metadata that it has.");
}

const placeOf = async (
  replacement: Replacement | undefined,
  { result }: UploadOutcome<NodeSource>,
): Promise<FileVersion | undefined> =>
  result?.upload.state === "ready" ? replacement?.placeOf(result.upload) : undefined;

/** Ends everything when one file's failure is every file's: nobody is signed in, or nobody answers. */
function createStop() {
  const controller = new AbortController();
  let why: unknown;
  let unanswered = 0;
  return {
    signal: controller.signal,
    reason: () => why,
    decide({ error }: UploadOutcome<NodeSource>): boolean {
      const isUnanswered = error instanceof NetworkError || error instanceof UnexpectedAnswerError;
      unanswered = isUnanswered ? unanswered + 1 : 0;
      const concernsAll =
        error instanceof NotSignedInError ||
        (error instanceof ProblemError && error.code === "insufficient-scope") ||
        unanswered >= unansweredBeforeStop;
      if (!concernsAll) return false;
      why = error;
      controller.abort();
      return true;
    },
  };
}

/** One failure often befalls many files at once: it is said once in a while. */
function createSayRetry({ say }: CommandContext) {
  let saidAtMs = Number.NEGATIVE_INFINITY;
  return ({ retry }: Progress, { path }: NodeSource) => {
    if (!retry || performance.now() - saidAtMs < wordsEveryMs) return;
    saidAtMs = performance.now();
    const seconds = Math.ceil(retry.delayMs / 1000);
    say(`${escapeText(path)}: ${escapeText(retry.error.message)} Trying again in ${seconds} s.`);
  };
}
