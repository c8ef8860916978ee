import type { UploadOutcome } from "@stowage/client";
import type { NodeSource } from "@stowage/client/node";
import type { File, FileVersion } from "@stowage/protocol";
import type { CommandContext, ExitStatus } from "../command.ts";
import { problemOf, sentenceOf } from "../describe-failure.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import type { Skipped } from "./walk-paths.ts";

/** What is said of each file as it ends, and of all of them at the end. */
export interface PutReport {
  /** @param place of one that was sent to replace a version: which it has become */
  outcome(outcome: UploadOutcome<NodeSource>, place?: FileVersion): void;
  /** Of a file that was to replace what has the same bytes: nothing was sent. */
  current(path: string, file: File): void;
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

const aside = (place: FileVersion | undefined, alreadyThere: boolean): string => {
  const words = [
    ...(place ? [`version ${place.version}${place.state === "current" ? "" : `, ${place.state}`}`] : []),
    ...(alreadyThere ? ["already there"] : []),
  ];
  return words.length === 0 ? "" : `  (${words.join(", ")})`;
};

const whatToDo = (program: string, fileId: string, { version, state }: FileVersion): string =>
  `${
    state === "conflict"
      ? `Another version became current meanwhile: this one is kept beside it, as version ${version}.`
      : `It is in the file's history, as version ${version}.`
  } ${program} restore ${fileId} --version ${version} makes it the current one.`;

export function createPutReport(
  { json, out, say, program }: Pick<CommandContext, "json" | "out" | "say" | "program">,
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
  const done = (
    path: string,
    { upload, alreadyThere }: NonNullable<UploadOutcome<NodeSource>["result"]>,
    place?: FileVersion,
  ) => {
    const { state, fileId, sha256, rejection, replaces } = upload;
    // Of what is in an album that is sealed nothing else is told.
    const isSealed = !("ref" in upload);
    counts[state === "ready" || state === "rejected" ? state : "sent"] += 1;
    print(() => {
      if (json)
        out(
          jsonLine({
            file: path,
            id: isSealed ? null : fileId,
            state,
            ...(isSealed && { sealed: true }),
            // Of what goes in parts it is known once it is checked.
            sha256: sha256 ?? null,
            ...(rejection && { rejection }),
            ...(alreadyThere && { alreadyThere }),
            ...(place && { version: place.version, versionState: place.state }),
          }),
        );
      if (rejection)
        say(`rejected  ${escapeText(path)}: ${escapeText(rejection.detail)} (${escapeText(rejection.code)})`);
      else if (isSealed && !json)
        out(`sealed    ${escapeText(path)}  (sent; nobody sees it before its album's reveal)`);
      else if (!json) out(`${state.padEnd(8)}  ${fileId}  ${escapeText(path)}${aside(place, alreadyThere)}`);
      if (place && place.state !== "current") say(whatToDo(program, fileId, place));
      else if (replaces && state === "ready" && fileId !== replaces.fileId)
        say("The file was deleted for good meanwhile: this is a file of its own now.");
    });
  };

  return {
    outcome: ({ file, result, error }, place) =>
      result ? done(file.path, result, place) : failed(file.path, error),
    current(path, { id, sha256, version }) {
      counts.ready += 1;
      const state = "ready";
      print(() => {
        if (json)
          out(
            jsonLine({ file: path, id, state, sha256, alreadyThere: true, version, versionState: "current" }),
          );
        else out(`${state.padEnd(8)}  ${id}  ${escapeText(path)}  (version ${version}, already there)`);
      });
    },
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
