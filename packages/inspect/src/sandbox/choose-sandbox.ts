import { createBubblewrap } from "./bubblewrap.ts";
import { createLimitsOnly, noSandbox } from "./limits-only.ts";
import type { Sandbox } from "./sandbox.ts";
import { trySandbox } from "./try-sandbox.ts";
import { createUnshare } from "./unshare.ts";

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

/** From the strongest. */
const candidates = [
  { program: "bubblewrap (bwrap)", create: createBubblewrap },
  { program: "unshare", create: createUnshare },
];

/** By program and by how it runs: why it is of no use on this machine. */
const tried = new Map<string, Promise<string | undefined>>();

/** What a machine lets is found out by trying, once in the life of this process. */
export async function chooseSandbox(choice: SandboxChoice, options: ChooseOptions): Promise<ChosenSandbox> {
  if (choice === "none") return { sandbox: noSandbox };
  const reasons: string[] = process.platform === "linux" ? [] : ["only Linux has what it takes"];
  for (const { program, create } of process.platform === "linux" ? candidates : []) {
    let reason: string | undefined = "is not installed";
    for (const asNobody of process.getuid?.() === 0 ? [true, false] : [false]) {
      const sandbox = create({ ...options, asNobody });
      if (!sandbox) continue;
      const key = `${program} ${asNobody}`;
      const failure = tried.get(key) ?? trySandbox(sandbox, options.directory);
      tried.set(key, failure);
      reason = await failure;
      if (reason === undefined) return chosen(sandbox, reasons);
      reason = `does not work here (${reason})`;
    }
    reasons.push(`${program} ${reason}`);
  }
  return chosen(createLimitsOnly(options.maxMemoryBytes), reasons);
}

const chosen = (sandbox: Sandbox, reasons: readonly string[]): ChosenSandbox =>
  reasons.length === 0 ? { sandbox } : { sandbox, whyNotStronger: reasons.join(", ") };
