import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SettingError } from "./setting-error.ts";
import { type Configuration, type Setting, type SettingKey, settingKeys, settings } from "./settings.ts";

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
    const setting: Setting<unknown> = settings[key];
    try {
      values.set(key, setting.parse(text));
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      const value = setting.isSecret || setting.isLong ? "" : `, not ${JSON.stringify(text)}`;
      throw new SettingError(`${where}: ${key} ${error.message}${value}.`);
    }
    sources.set(key, source);
  };
  const file = join(dataDir, configurationFile);
  for (const [key, value] of Object.entries(await readFileSettings(file)))
    assign(key, textOf(value), "file", file);
  for (const assignment of assignments) {
    const at = assignment.indexOf("=");
    if (at < 1) throw new SettingError(`--set ${assignment}: write it as KEY=VALUE.`);
    const key = assignment.slice(0, at);
    const setting: Setting<unknown> | undefined = isSettingKey(key) ? settings[key] : undefined;
    const mayBeShown = setting && !setting.isSecret && !setting.isLong;
    assign(key, assignment.slice(at + 1), "command line", `--set ${mayBeShown ? assignment : `${key}=…`}`);
  }
  return { values: Object.fromEntries(values) as Configuration, sources };
}

/** A value of the file as `--set` would write it. */
export function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const isListOfTexts = Array.isArray(value) && value.every((each) => typeof each === "string");
  return isListOfTexts ? value.join(",") : JSON.stringify(value);
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
