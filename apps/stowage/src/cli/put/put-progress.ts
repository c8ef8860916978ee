import type { Progress } from "@stowage/client";
import type { NodeSource } from "@stowage/client/node";
import { escapeText } from "../escape-text.ts";
import { fitColumns } from "../terminal/display-width.ts";
import { formatSize } from "../terminal/format-size.ts";
import { progressBar } from "../terminal/progress-display.ts";

/** How far a `put` is, in figures and in lines for a terminal. */
export interface PutProgress {
  update(file: NodeSource, progress: Progress): void;
  end(file: NodeSource): void;
  /** What is known of the whole, before all of it has been seen. */
  expect(total: { readonly files: number; readonly bytes: number }): void;
  /** A line for each file that moves, and one for the whole; each at most so many columns wide. */
  lines(columns: number): string[];
  /** The whole in words. */
  words(): string;
}

/** More files than this move at once only where somebody asked for it; the total line counts them. */
const maxFileLines = 8;
const barColumns = 24;
/** `sending 100 %`, `trying again` … */
const stageColumns = 16;

export function createPutProgress(nowMs: () => number): PutProgress {
  const underWay = new Map<NodeSource, Progress>();
  let endedFiles = 0;
  let endedBytes = 0;
  let expected: { readonly files: number; readonly bytes: number } | undefined;
  let beganSendingMs: number | undefined;
  let sentBeforeBytes = 0;

  const doneBytes = () => {
    let bytes = endedBytes;
    for (const [{ sizeBytes }, progress] of underWay) bytes += arrivedBytes(progress, sizeBytes);
    return bytes;
  };
  const rate = (): string => {
    const elapsedMs = beganSendingMs === undefined ? 0 : nowMs() - beganSendingMs;
    return elapsedMs < 1000 ? "" : `, ${formatSize(((doneBytes() - sentBeforeBytes) / elapsedMs) * 1000)}/s`;
  };
  const words = () => {
    const of = (amount: string, whole: string | undefined) =>
      whole === undefined ? amount : `${amount} of ${whole}`;
    const files = of(String(endedFiles), expected && String(expected.files));
    const bytes = of(formatSize(doneBytes()), expected && formatSize(expected.bytes));
    const checking = [...underWay.values()].filter(({ stage }) => stage === "checking").length;
    return `${files} files, ${bytes} sent${rate()}${checking > 0 ? `, ${checking} being checked` : ""}`;
  };

  return {
    update(file, progress) {
      if (progress.stage === "sending" && beganSendingMs === undefined) {
        beganSendingMs = nowMs();
        sentBeforeBytes = doneBytes();
      }
      underWay.set(file, progress);
    },
    end(file) {
      underWay.delete(file);
      endedFiles += 1;
      endedBytes += file.sizeBytes;
    },
    expect(total) {
      expected = total;
    },
    words,
    lines(columns) {
      const moving = [...underWay].filter(([, progress]) => isMoving(progress));
      const nameColumns = Math.max(8, columns - barColumns - stageColumns - 4);
      const files = moving.slice(0, maxFileLines).map(([file, progress]) => {
        const share = file.sizeBytes === 0 ? 1 : progress.doneBytes / file.sizeBytes;
        const name = fitColumns(escapeText(file.path), nameColumns);
        const line = `${name}  ${progressBar(share, barColumns)}  ${stageWords(progress, share)}`;
        return fitColumns(line, columns).trimEnd();
      });
      const share = expected && expected.bytes > 0 ? doneBytes() / expected.bytes : undefined;
      const bar = share === undefined ? "" : `${progressBar(share, barColumns)}  `;
      return [...files, fitColumns(`${bar}${words()}`, columns).trimEnd()];
    },
  };
}

const isMoving = ({ stage, retry }: Progress): boolean =>
  retry !== undefined || stage === "hashing" || stage === "sending";

function arrivedBytes({ stage, doneBytes }: Progress, sizeBytes: number): number {
  if (stage === "sending") return doneBytes;
  return stage === "hashing" || stage === "creating" ? 0 : sizeBytes;
}

function stageWords({ stage, retry }: Progress, share: number): string {
  if (retry) return `again in ${Math.ceil(retry.delayMs / 1000)} s`;
  return `${stage === "hashing" ? "reading" : "sending"} ${Math.round(share * 100)} %`;
}
