// The process that verifies uploads and sweeps up.
import { join } from "node:path";
import {
  endGuests,
  eraseAccounts,
  forgetEndedRights,
  type Inspector,
  InspectorUnavailableError,
  outdateArchives,
  type SweepPorts,
  sweep,
  sweepArchives,
  sweepMultiparts,
  sweepOrphans,
} from "@stowage/core";
import { createInspector, findFfmpeg, InspectionFailedError } from "@stowage/inspect";
import { profilesOf, systemClock, systemIds } from "./adapters.ts";
import { createArchiveLoop } from "./archives/archive-loop.ts";
import { zipWriter } from "./archives/zip-writer.ts";
import { checkpointFileOf } from "./audit/checkpoint-file.ts";
import { checkpointKeyOf } from "./audit/checkpoint-key.ts";
import { keepAuditChain } from "./audit/keep-audit-chain.ts";
import { assertSandbox, saySandbox } from "./check-sandbox.ts";
import { issuerDirectory, temporaryDirectory } from "./data-directory-places.ts";
import { rarelyOpenedAccounts } from "./issuers/embedded-accounts.ts";
import { openMetadataStore, openObjectStore } from "./open-services.ts";
import { repeatEvery } from "./repeat-every.ts";
import { type ProcessContext, type RunningProcess, runProcess } from "./run-process.ts";
import { chooseScanner } from "./scanning/choose-scanner.ts";
import { openScanner } from "./scanning/open-scanner.ts";
import { newSha256 } from "./streaming-sha256.ts";
import { countDerivatives } from "./telemetry/count-derivatives.ts";
import { countLockWaits } from "./telemetry/count-lock-waits.ts";
import { countScans } from "./telemetry/count-scans.ts";
import { countSweeps } from "./telemetry/count-sweeps.ts";
import { countVerifications } from "./telemetry/count-verifications.ts";
import { countingMetadataStore } from "./telemetry/counting-metadata-store.ts";
import { countingObjectStore } from "./telemetry/counting-object-store.ts";
import { openTracer } from "./telemetry/tracing/open-tracer.ts";
import { traceMetadataStore } from "./telemetry/tracing/trace-metadata-store.ts";
import { traceVerifications } from "./telemetry/tracing/trace-verifications.ts";
import { createVerifyLoop } from "./verify-loop.ts";

const hourMs = 3600 * 1000;

/** Reading every key is not what a start is for. */
const firstOrphansMs = 60 * 1000;

/** Trying what this machine lets costs a start of a process, which the server's own start need not wait for. */
const sandboxSaidAfterMs = 2_000;

async function start({ setup, logger, registry }: ProcessContext): Promise<RunningProcess> {
  const { configuration } = setup;
  const concurrency = configuration["worker.concurrency"];
  const [database, store] = await Promise.all([
    openMetadataStore(setup, countLockWaits(registry)),
    openObjectStore(setup),
  ]);
  const tracer = await openTracer(setup, "worker");
  const traces = tracer && traceVerifications(tracer);
  const counted = countingMetadataStore(database, registry, "sweeper");
  const metadata = tracer && traces ? traces.metadata(traceMetadataStore(counted, tracer)) : counted;
  const countedObjects = countingObjectStore(store, registry);
  const objects = traces ? traces.objects(countedObjects) : countedObjects;
  const verifications = countVerifications(registry);
  const sweeps = countSweeps(registry);
  const embedded = createInspector({
    temporaryDirectory: join(temporaryDirectory(setup.dataDir), "inspect"),
    processes: Math.max(1, concurrency),
    decodeTimeoutMs: configuration["inspect.timeoutSeconds"] * 1000,
    maxPixels: configuration["inspect.maxPixels"],
    maxMemoryBytes: configuration["inspect.maxMemoryBytes"],
    sandbox: configuration["inspect.sandbox"],
    ffmpeg: findFfmpeg(configuration["inspect.ffmpeg"]),
    observer: verifications.decodeObserver,
  });
  await assertSandbox(embedded, configuration["inspect.sandbox"]);
  const saying = setTimeout(() => void saySandbox(embedded, logger), sandboxSaidAfterMs);
  const timed: Inspector = verifications.timed({
    inspect: (request) =>
      embedded.inspect(request).catch((error: unknown) => {
        if (error instanceof InspectionFailedError)
          throw new InspectorUnavailableError(error.message, { cause: error });
        throw error;
      }),
  });
  const inspector = traces ? traces.inspector(timed) : timed;
  const countedScans = countScans(registry);
  const chosen = openScanner(chooseScanner(configuration, setup.publicUrl));
  const scanner = chosen && countedScans(chosen);
  const loop = createVerifyLoop({
    ports: {
      metadata,
      objects,
      inspector,
      scanner,
      clock: systemClock,
      profiles: profilesOf(configuration),
    },
    concurrency,
    leaseMs: configuration["worker.leaseSeconds"] * 1000,
    newKeyPart: () => systemIds.newKeyPart(),
    logger,
    onEnd: verifications.ended,
    onMade: countDerivatives(registry),
    ...(traces ? { around: traces.verification } : {}),
  });
  const archives =
    concurrency === 0
      ? undefined
      : createArchiveLoop({
          ports: {
            metadata,
            objects,
            clock: systemClock,
            archives: zipWriter,
            newSha256,
            maxArchiveBytes: configuration["limits.archiveBytes"],
          },
          leaseMs: configuration["worker.leaseSeconds"] * 1000,
          logger,
        });
  const sweepPorts: SweepPorts = { metadata, objects, clock: systemClock, wakeWorker: () => loop.wake() };
  const issuerAccounts = rarelyOpenedAccounts(issuerDirectory(setup.dataDir));
  const sweeper = repeatEvery(
    { firstMs: 0, periodMs: configuration["worker.sweepSeconds"] * 1000 },
    logger,
    "sweep",
    async () => {
      const report = await sweeps.counted("uploads", async () => ({ ...(await sweep(sweepPorts)) }));
      if (report.clocksDisagreed > 0)
        logger.warn(
          { albums: report.clocksDisagreed },
          "the clocks of this machine, the database and the storage disagree: albums stay sealed until they are set right",
        );
      if (Object.values(report).some((count) => count > 0)) logger.info({ report }, "swept");
    },
  );
  // Each by itself: what one of them can't do keeps none of the others from what it can.
  const besides = (what: string, pass: () => Promise<void>) =>
    repeatEvery({ firstMs: 0, periodMs: configuration["worker.sweepSeconds"] * 1000 }, logger, what, pass);
  const sideSweepers = [
    besides("forgetting of ended rights", async () => {
      await forgetEndedRights(sweepPorts);
    }),
    besides("erasing of deleted accounts", async () => {
      const erased = await eraseAccounts({ ...sweepPorts, issuerAccounts });
      if (erased > 0) logger.info({ accounts: erased }, "erased what deleted accounts owned");
    }),
    besides("ending of guests", async () => {
      const forgotten = await endGuests(sweepPorts);
      if (forgotten > 0) logger.info({ guests: forgotten }, "forgot guests who have nothing left");
    }),
    besides("ending of archives", async () => {
      const ended = await sweepArchives(sweepPorts);
      if (ended > 0) logger.info({ archives: ended }, "ended archives");
    }),
  ];
  const orphanSweeper = repeatEvery(
    { firstMs: firstOrphansMs, periodMs: hourMs },
    logger,
    "sweep of orphans",
    async () => {
      const { orphans, multiparts } = await sweeps.counted("orphans", async () => ({
        orphans: (await sweepOrphans(sweepPorts)).orphans,
        multiparts: await sweepMultiparts(sweepPorts),
      }));
      const outdated = await outdateArchives(sweepPorts);
      if (outdated > 0) logger.info({ archives: outdated }, "outdated archives");
      if (orphans > 0) logger.warn({ orphans }, "deleted objects that no row speaks of");
      if (multiparts > 0) logger.warn({ multiparts }, "aborted multipart uploads that no row speaks of");
    },
  );
  const auditChain = keepAuditChain({
    metadata: database,
    clock: systemClock,
    key: checkpointKeyOf(setup.secrets),
    checkpointFile: checkpointFileOf(setup.dataDir, configuration),
    logger,
  });
  return {
    wake: () => {
      loop.wake();
      archives?.wake();
    },
    stop: async () => {
      clearTimeout(saying);
      const sweepers = [sweeper, orphanSweeper, ...sideSweepers];
      await Promise.all([loop.stop(), archives?.stop(), ...sweepers.map((each) => each.stop())]);
      // Last: it vouches for what the others have just done.
      await auditChain.stop();
      await embedded.close();
      await Promise.all([metadata.close(), tracer?.close()]);
    },
  };
}

runProcess("worker", start);
