import {
  NetworkError,
  NotSignedInError,
  ProblemError,
  type Progress,
  UnexpectedAnswerError,
  type UploadOutcome,
} from "@stowage/client";
import type { Command, CommandContext, ExitStatus } from "../command.ts";
import { escapeText } from "../escape-text.ts";
import { hasOption, numberOption, textOption, textOptions } from "../parse-options.ts";
import { connect } from "../remote/connect.ts";
import type { NodeFile } from "../remote/node-file.ts";
import { remoteOptions } from "../remote/remote-options.ts";
import { createProgressDisplay } from "../terminal/progress-display.ts";
import { createAlreadyThere } from "./already-there.ts";
import { countAhead } from "./count-ahead.ts";
import { parseMetadata } from "./parse-metadata.ts";
import { createPutProgress } from "./put-progress.ts";
import { createPutReport } from "./put-report.ts";
import { sampleDigest } from "./sample-digest.ts";
import { refOf } from "./upload-ref.ts";
import { readFiles, type WalkOptions } from "./walk-paths.ts";

export const putCommand: Command = {
  name: "put",
  synopsis: "PATH… [-r] [--profile P] [--meta KEY=VALUE]… [--no-wait]",
  summary: "Send files, and wait until each is checked",
  description: [
    "Each file goes straight to the object store and is then checked: it ends ready, or rejected with a reason.",
    "A put that was stopped goes on where it was when the same command is given again, and a file that is there",
    "already is not sent twice. Above 20 MB a file goes in parts, of which only the missing ones are sent then.",
    "",
    "  stowage put photo.jpg scan.pdf",
    "  stowage put -r holidays                 a folder and all below it, without hidden files and links",
    "  stowage put report.pdf --meta case=123  with metadata that an app finds it by",
    '  stowage put photo.jpg --json            {"file","id","state","sha256"}, or {"file","problem"}',
  ].join("\n"),
  options: {
    recursive: { type: "boolean", short: "r", help: "Send what is in folders" },
    profile: { type: "string", argument: "P", help: "Types and limits that apply (whoami lists them)" },
    meta: {
      type: "string",
      multiple: true,
      argument: "KEY=VALUE",
      help: "Metadata of each file; may be given often",
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

  const alreadyThere = createAlreadyThere({
    client,
    signal,
    onRead(file, doneBytes) {
      progress.update(file, { stage: "hashing", doneBytes, totalBytes: file.sizeBytes });
      display.refresh();
    },
  });

  const isTerminal = screen === context.stderr && context.stderr.isTTY === true;
  const words = isTerminal
    ? undefined
    : setInterval(() => context.say(progress.words()), wordsEveryMs).unref();
  if (isTerminal) void countAhead(context.positionals, walk, signal, progress.expect);
  try {
    await client.uploadMany(readFiles(context.positionals, walk), {
      signal,
      wait: !hasOption(context, "no-wait"),
      profile,
      metadata,
      async ref(file, sha256) {
        if (sha256 !== undefined) alreadyThere.hashed(file, sha256);
        return refOf(file, sha256 ?? (await sampleDigest(file)), { profile, metadata });
      },
      onAlreadyThere: alreadyThere.otherRef,
      onProgress(now, file) {
        progress.update(file, now);
        if (!isTerminal) sayRetry(now, file);
        display.refresh();
      },
      onOutcome(outcome) {
        progress.end(outcome.file);
        if (!stop.decide(outcome)) report.outcome(outcome);
      },
    });
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

/** Ends everything when one file's failure is every file's: nobody is signed in, or nobody answers. */
function createStop() {
  const controller = new AbortController();
  let why: unknown;
  let unanswered = 0;
  return {
    signal: controller.signal,
    reason: () => why,
    decide({ error }: UploadOutcome<NodeFile>): boolean {
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
  return ({ retry }: Progress, { path }: NodeFile) => {
    if (!retry || performance.now() - saidAtMs < wordsEveryMs) return;
    saidAtMs = performance.now();
    const seconds = Math.ceil(retry.delayMs / 1000);
    say(`${escapeText(path)}: ${escapeText(retry.error.message)} Trying again in ${seconds} s.`);
  };
}
