import { StoreUnavailableError } from "@stowage/core";
import type { S3ObjectStoreOptions } from "../create-s3-object-store.ts";
import { accessChecks } from "./access-checks.ts";
import { createExamination, type Examination } from "./examination.ts";
import { multipartChecks } from "./multipart-checks.ts";
import { presignedPutChecks } from "./presigned-put-checks.ts";
import type { CheckResult, StoreCheck, StoreCheckName } from "./store-check.ts";

export type { StoreCheckName } from "./store-check.ts";

export interface StoreFinding extends CheckResult {
  readonly check: StoreCheckName;
}

/**
 * Finds out whether a store does all that Stowage relies on, for `stowage doctor`: by some forty requests, most of
 * which it ought to refuse, under keys `probe/…` and in multipart uploads of its own, which are removed at the end.
 * Changes nothing else. Says what was found and decides nothing; what code decides by is `probeObjectStore`'s.
 *
 * @param options.origins those of our pages, for CORS
 * @throws StoreUnavailableError where the store does not answer at all
 */
export async function examineObjectStore(
  options: S3ObjectStoreOptions & { readonly origins: readonly string[] },
): Promise<StoreFinding[]> {
  const examination = createExamination(options);
  const checks = [...presignedPutChecks, ...multipartChecks, ...accessChecks(options, options.origins)];
  await examination.sendSigned({ method: "HEAD", key: "probe/reachable" }).catch((cause: unknown) => {
    throw new StoreUnavailableError("the store did not answer", { cause });
  });
  try {
    const findings: StoreFinding[] = [];
    for (const check of checks) findings.push({ check: check.name, ...(await runCheck(check, examination)) });
    return findings;
  } finally {
    await examination.cleanUp();
  }
}

/** A check that could not be made is told as that, and leaves the others alone. */
async function runCheck({ run }: StoreCheck, examination: Examination): Promise<CheckResult> {
  try {
    return await run(examination);
  } catch (error) {
    return {
      outcome: "unknown",
      detail: `It could not be asked: ${error instanceof Error ? error.message : String(error)}.`,
    };
  }
}
