import type { OpenRateLimiter } from "@stowage/api";
import type { Logger } from "pino";
import { openCountingStore } from "./open-counting-store.ts";
import { storeAddressOf } from "./rate-limit-store-url.ts";

/** What counts by the setting `limits.store`; `undefined` where that is this process's memory. */
export async function openRateLimiters(
  setting: string,
  logger: Pick<Logger, "warn">,
): Promise<{ readonly open: OpenRateLimiter; close(): Promise<void> } | undefined> {
  const store = await openCountingStore(setting);
  if (!store) return undefined;
  const { createSharedRateLimiters } = await import("./shared-rate-limiters.ts");
  const address = storeAddressOf(setting);
  const open = createSharedRateLimiters(store, {
    away: (reason) =>
      logger.warn({ store: address, reason }, "limits.store does not answer: each process counts by itself"),
    back: () => logger.warn({ store: address }, "limits.store answers again"),
  });
  return { open, close: () => store.close() };
}
