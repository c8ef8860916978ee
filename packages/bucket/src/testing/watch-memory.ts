import { setTimeout as delay } from "node:timers/promises";
import type { BucketProcess } from "./start-bucket-process.ts";

/** By how much a server's memory exceeded, at its highest, what it was before `work`. */
export async function memoryGrowth({ state }: BucketProcess, work: () => Promise<unknown>): Promise<number> {
  const before = (await state()).rssBytes;
  let highest = before;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      highest = Math.max(highest, (await state()).rssBytes);
      await delay(50);
    }
  })();
  try {
    await work();
  } finally {
    isOver = true;
    await watching;
  }
  return highest - before;
}
