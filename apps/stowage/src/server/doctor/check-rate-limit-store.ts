import { openCountingStore } from "../rate-limits/open-counting-store.ts";
import { storeAddressOf } from "../rate-limits/rate-limit-store-url.ts";
import type { Configuration } from "../settings.ts";
import { type Diagnosis, ok, sentenceOf, warning } from "./diagnosis.ts";

const name = "rate-limit-store";

/** Whether what counts requests for several processes answers; nothing where each counts by itself. */
export async function checkRateLimitStore(configuration: Configuration): Promise<Diagnosis | undefined> {
  const setting = configuration["limits.store"];
  const store = await openCountingStore(setting);
  if (!store) return undefined;
  const address = storeAddressOf(setting);
  try {
    const limiter = await store.open("requests", 1_000_000_000);
    await limiter.consume("doctor");
    return ok(name, `${address} counts requests.`);
  } catch (error) {
    return warning(
      name,
      `${address} does not answer: ${sentenceOf(error)} Each process counts requests by itself meanwhile; nobody is refused for it.`,
      "Look at whether it runs, and at address, user and password in limits.store.",
    );
  } finally {
    await store.close();
  }
}
