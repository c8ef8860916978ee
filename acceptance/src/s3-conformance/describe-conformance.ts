import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createS3Requests, type S3Place, type S3Requests } from "../harness/s3-requests.ts";
import { allGroups } from "./all-groups.ts";
import type { Difference } from "./conformance-case.ts";
import { createS3Session } from "./s3-session.ts";

/** A store that the suite is run over. */
export interface ConformanceTarget {
  readonly name: string;
  readonly differences: readonly Difference[];
  /** Starts it, with an empty bucket. */
  start(): Promise<RunningTarget>;
}

export interface RunningTarget extends S3Place {
  /** An origin whose pages the bucket's CORS rules allow to GET and PUT. */
  readonly allowedOrigin: string;
  stop(): Promise<unknown>;
}

/** Runs every case over a store. What is declared to differ must differ: else the declaration has to go. */
export function describeConformance(target: ConformanceTarget): void {
  const reasonOf = new Map(
    target.differences.flatMap(({ reason, cases }) => cases.map((name) => [name, reason] as const)),
  );
  const only = process.env.S3_CONFORMANCE_ONLY;
  const totals = { passed: 0, differing: 0, failed: 0 };

  describe(`S3 conformance of ${target.name}`, () => {
    let running: RunningTarget;
    let requests: S3Requests;
    before(async () => {
      running = await target.start();
      requests = createS3Requests(running);
    });
    after(async () => {
      const { passed, differing, failed } = totals;
      process.stdout.write(
        `${target.name}: ${passed + differing + failed} cases, ${passed} as AWS documents, ` +
          `${differing} declared to differ, ${failed} failed\n`,
      );
      requests?.close();
      await running?.stop();
    });

    for (const { operation, cases } of allGroups)
      describe(operation, () => {
        for (const { name, run } of cases) {
          if (only !== undefined && !`${operation}: ${name}`.includes(only)) continue;
          const reason = reasonOf.get(name);
          test(reason === undefined ? name : `differs, as declared: ${name}`, async (t) => {
            if (reason !== undefined) t.diagnostic(reason);
            const failure = await run(createS3Session(requests, running.allowedOrigin)).then(
              () => undefined,
              (error: unknown) => error,
            );
            if (reason === undefined) {
              totals[failure === undefined ? "passed" : "failed"]++;
              if (failure !== undefined) throw failure;
              return;
            }
            totals[failure === undefined ? "failed" : "differing"]++;
            assert.ok(failure !== undefined, "is declared to differ, and does not: remove the declaration");
          });
        }
      });

    test("every declared difference is one of a case, and each case has one name", () => {
      const names = allGroups.flatMap(({ cases }) => cases.map(({ name }) => name));
      assert.deepEqual(
        names.filter((name, index) => names.indexOf(name) !== index),
        [],
      );
      assert.deepEqual(
        [...reasonOf.keys()].filter((name) => !names.includes(name)),
        [],
      );
    });
  });
}
