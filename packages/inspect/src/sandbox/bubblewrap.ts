import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { becomeNobody, dropPrivileges, nobody } from "./drop-privileges.ts";
import { findProgram } from "./find-program.ts";
import { ancestorsOf } from "./readable-code.ts";
import { withResourceLimits } from "./resource-limits.ts";
import type { Command, NamespaceOptions, Program, Sandbox } from "./sandbox.ts";
import { systemCallFilter } from "./system-call-filter.ts";
import { systemFolders } from "./system-folders.ts";

const filterDescriptor = 9;

/**
 * Namespaces of its own for a program: no network, no other process, none of the machine's files but libraries and what
 * is named, all of it read-only; no capability, no way to gain one (`no_new_privs`), and a filter of system calls. It runs
 * as nobody, or as this user in a user namespace of its own, and ends with its parent.
 *
 * @returns `undefined` where a program for it is not installed. Whether it works on this machine is seen by trying.
 */
export function createBubblewrap({
  directory,
  maxMemoryBytes,
  asNobody,
}: NamespaceOptions): Sandbox | undefined {
  const bwrap = findProgram("bwrap");
  const setpriv = asNobody ? findProgram("setpriv") : undefined;
  if (!bwrap || (asNobody && !setpriv)) return undefined;
  const filter = systemCallFilter(process.arch);
  const filterPath = join(directory, "system-calls.bpf");
  if (filter) writeFileSync(filterPath, filter, { mode: 0o600 });

  const command = (program: Program): Command => {
    const visible = [...systemFolders, ...(setpriv ? [setpriv] : []), ...program.readable];
    const args = [
      ...["--unshare-net", "--unshare-ipc", "--unshare-pid", "--unshare-uts"],
      ...["--die-with-parent", "--new-session", "--cap-drop", "ALL"],
      ...(setpriv
        ? ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"].flatMap((capability) => ["--cap-add", capability])
        : ["--unshare-user", "--uid", nobody, "--gid", nobody]),
      // Made here because it would make them for the user alone that it runs as.
      ...[...new Set(visible.flatMap(ancestorsOf))]
        .toSorted()
        .flatMap((folder) => ["--perms", "0755", "--dir", folder]),
      ...visible.flatMap((path) => ["--ro-bind-try", path, path]),
      // No /proc: decoders do without, and where services are confined nobody may mount one.
      ...["--dev", "/dev", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"],
      ...(filter ? ["--seccomp", String(filterDescriptor)] : []),
      "--",
      ...(setpriv ? [setpriv, ...becomeNobody, ...dropPrivileges, "--"] : []),
      program.command.file,
      ...program.command.args,
    ];
    const descriptors = new Map(filter ? [[filterDescriptor, filterPath]] : []);
    return withResourceLimits({ file: bwrap, args }, maxMemoryBytes, descriptors);
  };

  return {
    name: "bubblewrap",
    cutsOff: { network: true, files: true },
    readsAsAnother: setpriv !== undefined,
    hasPermissionModel: true,
    command,
  };
}
