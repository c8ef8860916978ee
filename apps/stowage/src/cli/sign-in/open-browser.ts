import { spawn } from "node:child_process";

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether there seems to be a browser that this person sits before. */
export function hasBrowser(env: Environment, platform: NodeJS.Platform): boolean {
  if (env.SSH_CONNECTION || env.SSH_TTY) return false;
  return platform === "darwin" || platform === "win32" || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** The platform's own way to open an address. No shell sees it: the address is one argument, whatever is in it. */
export function browserCommand(url: URL, platform: NodeJS.Platform): readonly [string, ...string[]] {
  if (platform === "darwin") return ["open", url.href];
  // `start` is cmd's own, which would take an address apart at & and %.
  if (platform === "win32") return ["rundll32.exe", "url.dll,FileProtocolHandler", url.href];
  return ["xdg-open", url.href];
}

/** Asks the platform to open an address of the web. Where it can't, nothing happens: the address was printed too. */
export function openBrowser(url: URL, env: Environment, platform: NodeJS.Platform): void {
  if (url.protocol !== "https:" && url.protocol !== "http:") return;
  const [program, ...args] = browserCommand(url, platform);
  const child = spawn(program, args, { env: { ...env }, stdio: "ignore", detached: true });
  child.on("error", () => child.unref());
  child.unref();
}
