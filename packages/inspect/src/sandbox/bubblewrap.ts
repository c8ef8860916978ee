import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "./find-program.ts";
import { ancestorsOf } from "./readable-code.ts";
import { withResourceLimits } from "./resource-limits.ts";
import type { Command, Program, Sandbox } from "./sandbox.ts";
import { systemCallFilter } from "./system-call-filter.ts";

/** Libraries, and the fonts that pictures with text in them are drawn with. Nothing of `/etc` but what these need. */
const systemFolders = [
  "/lib",
  "/lib64",
  "/usr/lib",
  "/usr/lib64",
  "/usr/local/lib",
  "/nix/store",
  "/etc/ld.so.cache",
  "/etc/fonts",
  "/usr/share/fonts",
  "/usr/share/fontconfig",
  "/usr/local/share/fonts",
  "/var/cache/fontconfig",
];

/** The kernel's overflow user, which owns nothing on any machine. */
const nobody = "65534";
const filterDescriptor = 9;

export interface BubblewrapOptions {
  /** For this user alone, and gone with what it belongs to. */
  readonly directory: string;
  readonly maxMemoryBytes: number;
  /** Root alone can have it run as somebody else, who then must be able to read the code. */
  readonly asNobody: boolean;
}

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
}: BubblewrapOptions): Sandbox | undefined {
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
      ...(setpriv ? [setpriv, ...dropPrivileges, "--"] : []),
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

const dropPrivileges = [
  `--reuid=${nobody}`,
  `--regid=${nobody}`,
  "--clear-groups",
  "--bounding-set=-all",
  "--inh-caps=-all",
  "--no-new-privs",
];
