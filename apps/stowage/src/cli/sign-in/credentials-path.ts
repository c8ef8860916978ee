import { isAbsolute, posix, win32 } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

const fileName = "credentials.json";

/**
 * Where a person's sign-ins are kept: `stowage/credentials.json` in XDG_CONFIG_HOME (XDG Base Directory
 * Specification 0.8: relative paths there are ignored), else in the platform's own place for settings.
 *
 * @returns `undefined` where the environment says nothing of a home
 */
export function credentialsPath(env: Environment, platform: NodeJS.Platform): string | undefined {
  const { join } = platform === "win32" ? win32 : posix;
  const configured = configHome(env, platform);
  return configured === undefined ? undefined : join(configured, "stowage", fileName);
}

function configHome(env: Environment, platform: NodeJS.Platform): string | undefined {
  if (env.XDG_CONFIG_HOME && isAbsolute(env.XDG_CONFIG_HOME)) return env.XDG_CONFIG_HOME;
  if (platform === "win32") return env.APPDATA || undefined;
  if (!env.HOME) return undefined;
  return platform === "darwin"
    ? posix.join(env.HOME, "Library", "Application Support")
    : posix.join(env.HOME, ".config");
}
