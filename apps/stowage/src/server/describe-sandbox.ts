import type { ChosenSandbox } from "@stowage/inspect";

export interface SandboxDescription {
  /** The operating system cuts off network and files. */
  readonly holds: boolean;
  readonly sentence: string;
}

/** What decoding processes are kept from on this machine, for a log and for doctor. */
export function describeSandbox({ sandbox, whyNotStronger }: ChosenSandbox): SandboxDescription {
  switch (sandbox.name) {
    case "bubblewrap":
      return {
        holds: true,
        sentence:
          "Decoding processes are in a sandbox of bubblewrap: no network, no file but the one at hand, no other process.",
      };
    case "unshare":
      return {
        holds: true,
        sentence: `Decoding processes are in namespaces of their own: no network, no file but the one at hand, no other process. There is no filter of system calls: ${whyNotStronger}.`,
      };
    case "limits":
      return {
        holds: false,
        sentence: `Decoding processes have limits of time, memory and files, but the operating system does not keep them from network and files: ${whyNotStronger}.`,
      };
    case "none":
      return {
        holds: false,
        sentence: 'Decoding processes are in no sandbox, as inspect.sandbox = "none" says.',
      };
  }
}
