import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Configuration, SettingError, type SettingKey, settingKeys, settings } from "./settings.ts";

/** File in the data directory with settings that hold at every start. */
export const configurationFile = "stowage.json";

export type Source = "default" | "file" | "command line";

export interface ReadConfiguration {
  readonly values: Configuration;
  readonly sources: ReadonlyMap<SettingKey, Source>;
}

const isSettingKey = (key: string): key is SettingKey => Object.hasOwn(settings, key);

/**
 * Reads all settings once: the command line over the data directory's file over the defaults.
 *
 * @param assignments `KEY=VALUE` as given to `--set`, in order: a later one wins
 * @throws SettingError names the setting that is unknown or malformed, where it stands and why
 */
export async function readConfiguration(
  dataDir: string,
  assignments: readonly string[],
): Promise<ReadConfiguration> {
  const values = new Map<SettingKey, unknown>(settingKeys.map((key) => [key, settings[key].default]));
  const sources = new Map<SettingKey, Source>(settingKeys.map((key) => [key, "default"]));
  const assign = (key: string, text: string, source: Source, where: string) => {
    if (!isSettingKey(key))
      throw new SettingError(`${where}: there is no setting "${key}"; "stowage config" prints all of them.`);
    try {
      values.set(key, settings[key].parse(text));
    } catch (error) {
      if (error instanceof SettingError)
        throw new SettingError(`${where}: ${key} ${error.message}, not ${JSON.stringify(text)}.`);
      throw error;
    }
    sources.set(key, source);
  };
  const file = join(dataDir, configurationFile);
  for (const [key, value] of Object.entries(await readFileSettings(file)))
    assign(key, Array.isArray(value) ? value.join(",") : String(value), "file", file);
  for (const assignment of assignments) {
    const at = assignment.indexOf("=");
    if (at < 1) throw new SettingError(`--set ${assignment}: write it as KEY=VALUE.`);
    assign(assignment.slice(0, at), assignment.slice(at + 1), "command line", `--set ${assignment}`);
  }
  return { values: Object.fromEntries(values) as Configuration, sources };
}

async function readFileSettings(file: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw new SettingError(`${file} can't be read.`, { cause: error });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (error) {
    throw new SettingError(`${file} is not valid JSON.`, { cause: error });
  }
  throw new SettingError(`${file} must hold a JSON object of settings.`);
}
