import { stat } from "node:fs/promises";
import { isDataDirectoryLocked } from "../data-directory-lock.ts";
import { bucketDirectory } from "../data-directory-places.ts";
import { readRunning } from "../running.ts";
import { checkAudit } from "./check-audit.ts";
import { checkBackup } from "./check-backup.ts";
import { checkBucket } from "./check-bucket.ts";
import { checkConfiguration } from "./check-configuration.ts";
import { checkDataDirectory } from "./check-data-directory.ts";
import { checkAccounts, checkDatabase } from "./check-database.ts";
import { checkDecoderSandbox } from "./check-decoder-sandbox.ts";
import { checkDecoders } from "./check-decoders.ts";
import { checkFilms } from "./check-films.ts";
import { checkIssuers } from "./check-issuers.ts";
import { checkNode } from "./check-node.ts";
import { checkPorts } from "./check-ports.ts";
import { checkPublicUrls, checkReach, checkTrustedProxies } from "./check-public-urls.ts";
import { checkRateLimitStore } from "./check-rate-limit-store.ts";
import { checkRestore } from "./check-restore.ts";
import { checkConfiguredScanner } from "./check-scanner.ts";
import { checkSecrets } from "./check-secrets.ts";
import { checkServer } from "./check-server.ts";
import { type Diagnosis, failed, skipped } from "./diagnosis.ts";

export interface DiagnoseOptions {
  readonly dataDir: string;
  /** As `process.versions.node`. */
  readonly nodeVersion: string;
  /** What a person runs to make a data directory. */
  readonly howToStart: string;
  nowMs(): number;
}

/**
 * Every check, in an order in which each can rely on those before it: the machine, the data directory and what is in
 * it, the server, the issuers that it trusts, its database, its bucket. Looks at a server that runs without disturbing it, and at a data directory
 * without one as it is.
 */
export async function* diagnose(options: DiagnoseOptions): AsyncGenerator<Diagnosis> {
  const { dataDir, nodeVersion, howToStart, nowMs } = options;
  yield checkNode(nodeVersion);
  yield await checkDecoders();

  if (!(await isDirectory(dataDir))) {
    yield failed(
      "data-directory",
      `There is no data directory ${dataDir}.`,
      `Run ${howToStart} once, or name another with --data DIR.`,
    );
    return;
  }
  const directory = await checkDataDirectory(dataDir);
  yield* directory;
  const ofRestore = await checkRestore(dataDir);
  if (ofRestore) {
    yield ofRestore;
    return;
  }

  const { diagnosis: ofSecrets, secrets } = await checkSecrets(dataDir);
  yield ofSecrets;
  const isRunning = isDataDirectoryLocked(dataDir);
  const last = await readRunning(dataDir);
  const running = isRunning ? last : undefined;
  const { diagnosis: ofConfiguration, configuration } = await checkConfiguration(dataDir, running?.settings);
  yield ofConfiguration;
  if (configuration) {
    yield await checkDecoderSandbox(configuration["inspect.sandbox"]);
    yield checkFilms(configuration["inspect.ffmpeg"]);
  }

  if (running) {
    yield await checkServer(running.internalApi ?? running.api);
    for (const name of ["api", "bucket"] as const) {
      const internal = name === "api" ? running.internalApi : running.internalBucket;
      const reach = await checkReach(name, running[name], internal ?? running[name]);
      if (reach) yield reach;
    }
  } else if (isRunning) yield skipped("api", "A server is just starting.");
  else {
    yield skipped("api", "No server runs on it.");
    if (configuration) yield await checkPorts(configuration);
  }
  if (configuration) {
    yield checkPublicUrls(configuration, last);
    const ofProxies = checkTrustedProxies(configuration, last);
    if (ofProxies) yield ofProxies;
    const publicUrl = last?.api ?? (configuration.publicUrl || `http://localhost:${configuration.port}`);
    const ofRateLimits = await checkRateLimitStore(configuration);
    if (ofRateLimits) yield ofRateLimits;
    yield* await checkIssuers(configuration, publicUrl);
    yield await checkConfiguredScanner(configuration, publicUrl, running?.scanner, nowMs());
  }

  yield* await checkDatabase(dataDir, { isRunning, nowMs: nowMs() });
  yield await checkAccounts(dataDir);
  if (configuration) yield await checkAudit(dataDir, configuration);
  yield await checkBackup(dataDir, nowMs());

  if (isRunning && !running) return;
  const isOwn = directory.every(({ check, status }) => status === "ok" || !mustBeSound.has(check));
  if (!running && !(await isDirectory(bucketDirectory(dataDir))))
    yield skipped("bucket", "It is made by the first start.");
  else if (secrets && (running || isOwn)) {
    const origins = [...(last ? [last.web] : []), ...(configuration?.corsOrigins ?? [])];
    yield* await checkBucket({ dataDir, secrets, running, origins });
  } else yield skipped("bucket", "It can't be looked at before what is above is mended.");
}

/** What must be in order before a bucket is served from here: it would leave files that the server can't use. */
const mustBeSound: ReadonlySet<string> = new Set(["data-directory", "owner", "hard-links"]);

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
