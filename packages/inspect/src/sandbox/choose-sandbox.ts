import { createBubblewrap } from "./bubblewrap.ts";
import { createLimitsOnly, noSandbox } from "./limits-only.ts";
import type { Sandbox } from "./sandbox.ts";
import { trySandbox } from "./try-sandbox.ts";

/**
 * `auto`: the strongest that this machine lets. `required`: the same, and no decoding where network and files are not
 * cut off by the operating system. `none`: for those who confine the whole server themselves.
 */
export type SandboxChoice = "auto" | "required" | "none";

export interface ChosenSandbox {
  readonly sandbox: Sandbox;
  /** Why it is not a stronger one, as a part of a sentence; `undefined` where it is the strongest, or was asked for. */
  readonly whyNotStronger?: string;
}

export interface ChooseOptions {
  /** For this user alone. */
  readonly directory: string;
  readonly maxMemoryBytes: number;
}

/** By how it runs: why it is of no use on this machine. */
const tried = new Map<boolean, Promise<string | undefined>>();

/** What a machine lets is found out by trying, once in the life of this process. */
export async function chooseSandbox(choice: SandboxChoice, options: ChooseOptions): Promise<ChosenSandbox> {
  if (choice === "none") return { sandbox: noSandbox };
  let whyNotStronger = "only Linux has what it takes";
  if (process.platform === "linux") {
    whyNotStronger = "bubblewrap (the program bwrap) is not installed";
    for (const asNobody of process.getuid?.() === 0 ? [true, false] : [false]) {
      const sandbox = createBubblewrap({ ...options, asNobody });
      if (!sandbox) continue;
      const failure = tried.get(asNobody) ?? trySandbox(sandbox, options.directory);
      tried.set(asNobody, failure);
      const reason = await failure;
      if (reason === undefined) return { sandbox };
      whyNotStronger = `bubblewrap does not work here: ${reason}`;
    }
  }
  return { sandbox: createLimitsOnly(options.maxMemoryBytes), whyNotStronger };
}
