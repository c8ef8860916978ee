import { withResourceLimits } from "./resource-limits.ts";
import type { Sandbox } from "./sandbox.ts";

/** Where the system lets no more: resource limits (not on Windows), and Node's permission model. */
export function createLimitsOnly(maxMemoryBytes: number): Sandbox {
  return {
    name: "limits",
    cutsOff: { network: false, files: false },
    readsAsAnother: false,
    hasPermissionModel: true,
    command: ({ command }) =>
      process.platform === "win32" ? command : withResourceLimits(command, maxMemoryBytes),
  };
}

/** Chosen by who runs the server, or by tests of what a sandbox keeps from happening. */
export const noSandbox: Sandbox = {
  name: "none",
  cutsOff: { network: false, files: false },
  readsAsAnother: false,
  hasPermissionModel: false,
  command: ({ command }) => command,
};
