import type { UploadOutcome } from "@stowage/client";
import type { CommandContext, ExitStatus } from "../command.ts";
import { problemOf, sentenceOf } from "../describe-failure.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import type { NodeFile } from "../remote/node-file.ts";
import type { Skipped } from "./walk-paths.ts";

/** What is said of each file as it ends, and of all of them at the end. */
export interface PutReport {
  outcome(outcome: UploadOutcome<NodeFile>): void;
  /** Of a path that was not even tried. */
  problem(path: string, error: unknown): void;
  skipped(kind: Skipped): void;
  summary(): void;
  status(): ExitStatus;
}

const skippedWords: readonly (readonly [Skipped, string])[] = [
  ["hidden", "hidden"],
  ["link", "links"],
  ["special", "no files"],
];

export function createPutReport(
  { json, out, say }: Pick<CommandContext, "json" | "out" | "say">,
  print: (write: () => void) => void,
): PutReport {
  const counts = { ready: 0, sent: 0, rejected: 0, failed: 0 };
  const skips = new Map<Skipped, number>();

  const failed = (path: string, error: unknown) => {
    counts.failed += 1;
    print(() => {
      if (json) out(jsonLine({ file: path, problem: problemOf(error) }));
      say(`failed    ${escapeText(path)}: ${escapeText(sentenceOf(error))}`);
    });
  };
  const done = (path: string, { upload, alreadyThere }: NonNullable<UploadOutcome<NodeFile>["result"]>) => {
    const { state, fileId, sha256, rejection } = upload;
    counts[state === "ready" || state === "rejected" ? state : "sent"] += 1;
    print(() => {
      if (json)
        out(
          jsonLine({
            file: path,
            id: fileId,
            state,
            // Of what goes in parts it is known once it is checked.
            sha256: sha256 ?? null,
            ...(rejection && { rejection }),
            ...(alreadyThere && { alreadyThere }),
          }),
        );
      if (rejection)
        say(`rejected  ${escapeText(path)}: ${escapeText(rejection.detail)} (${escapeText(rejection.code)})`);
      else if (!json)
        out(`${state.padEnd(8)}  ${fileId}  ${escapeText(path)}${alreadyThere ? "  (already there)" : ""}`);
    });
  };

  return {
    outcome: ({ file, result, error }) => (result ? done(file.path, result) : failed(file.path, error)),
    problem: failed,
    skipped(kind) {
      skips.set(kind, (skips.get(kind) ?? 0) + 1);
    },
    summary() {
      const skipped = skippedWords.flatMap(([kind, words]) =>
        skips.has(kind) ? [`${skips.get(kind)} ${words}`] : [],
      );
      if (skipped.length > 0) say(`Skipped below folders: ${skipped.join(", ")}.`);
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      if (total === 0) say("There was nothing to send.");
      if (total < 2 || json) return;
      const words = Object.entries(counts).flatMap(([what, count]) =>
        count > 0 ? [`${count} ${what}`] : [],
      );
      say(`${words.join(", ")}.${counts.sent > 0 ? " What was sent is being checked." : ""}`);
    },
    status() {
      const bad = counts.rejected + counts.failed;
      if (bad === 0) return 0;
      return counts.ready + counts.sent > 0 ? 3 : 1;
    },
  };
}
