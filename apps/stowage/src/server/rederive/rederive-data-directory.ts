import { rederive } from "@stowage/core";
import { type CommandContext, type ExitStatus, UsageError } from "../../cli/command.ts";
import { jsonLine } from "../../cli/escape-text.ts";
import { dataDirOf } from "../../cli/remote/find-server.ts";
import { drawsVideos, profilesOf } from "../adapters.ts";
import { readConfiguration } from "../configuration.ts";
import { isDataDirectoryLocked } from "../data-directory-lock.ts";
import { withDataDirectoryStores } from "../data-directory-stores.ts";
import { readRunning } from "../running.ts";
import { runningConfiguration } from "../running-settings.ts";
import { SettingError } from "../setting-error.ts";
import type { Configuration } from "../settings.ts";

/**
 * Asks for what versions lack by their profile; with `--json` each derivative and a summary on standard output.
 *
 * @throws UsageError where there is no such profile, or the settings are wrong
 */
export async function rederiveDataDirectory(
  context: CommandContext,
  {
    dryRun,
    profile,
    assignments,
  }: { readonly dryRun: boolean; readonly profile?: string; readonly assignments: readonly string[] },
): Promise<ExitStatus> {
  const { json, out, say, signal } = context;
  const dataDir = dataDirOf(context);
  const values = await configurationOf(dataDir, assignments);
  const profiles = profilesOf(values);
  if (profile !== undefined && !profiles.has(profile))
    throw new UsageError(`There is no profile "${profile}"; there are: ${[...profiles.keys()].join(", ")}.`);
  const { versions, derivatives, forgotten } = await withDataDirectoryStores(
    dataDir,
    ({ metadata }) =>
      rederive(
        { metadata, profiles, drawsVideos: drawsVideos(values) },
        {
          dryRun,
          ...(profile === undefined ? {} : { profile }),
          signal,
          onDerivative: ({ fileId, version, name, madeAs, outcome }) => {
            if (json) out(jsonLine({ kind: "derivative", fileId, version, name, madeAs, outcome }));
          },
        },
      ),
    { changesNothing: dryRun },
  );
  if (json) {
    out(jsonLine({ kind: "summary", dryRun, versions, ...derivatives, forgotten }));
    return 0;
  }
  const { found, asked, waiting } = derivatives;
  say(`Looked at ${versions} ${versions === 1 ? "version" : "versions"}.`);
  if (found + asked + waiting === 0) say("Every derivative is as its profile says.");
  if (found > 0) say(`${found} would be made anew.`);
  if (asked > 0) say(`${asked} will be made anew by the server's worker.`);
  if (waiting > 0) say(`${waiting} wait to be made already.`);
  if (forgotten > 0) say(`${forgotten} that could not be made before may be asked for again.`);
  return 0;
}

/** That of the server that runs, whose worker makes what is asked for; else the file's. What is given here, over the file's. */
async function configurationOf(dataDir: string, assignments: readonly string[]): Promise<Configuration> {
  const { values } = await readConfiguration(dataDir, assignments).catch((error: unknown) => {
    throw error instanceof SettingError ? new UsageError(error.message) : error;
  });
  const told = isDataDirectoryLocked(dataDir) ? (await readRunning(dataDir))?.settings : undefined;
  return told && assignments.length === 0 ? runningConfiguration(told, values) : values;
}
