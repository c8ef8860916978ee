import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { becomeNobody, dropPrivileges } from "./drop-privileges.ts";
import { findProgram } from "./find-program.ts";
import { withResourceLimits } from "./resource-limits.ts";
import type { Command, NamespaceOptions, Program, Sandbox } from "./sandbox.ts";
import { systemFolders } from "./system-folders.ts";

/** Of util-linux and coreutils, which every Linux with a shell for people has. */
const needed = ["unshare", "setpriv", "mount", "umount", "pivot_root", "mkdir"] as const;

/**
 * Makes the root that a program is to see, empty but for what is named, goes there for good, and starts it. This shell
 * stays the first process of the namespace, so that the program may be ended by signals as anywhere else.
 */
const script = `
set -e
root=$1 mount=$2 umount=$3 pivot_root=$4 mkdir=$5
shift 5
"$mount" -n -t tmpfs -o mode=755,size=1m,nosuid,nodev none "$root"
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then
    "$mkdir" -p "$root$1"
  elif [ -e "$1" ]; then
    "$mkdir" -p "$root\${1%/*}"
    : >"$root$1"
  else
    shift
    continue
  fi
  "$mount" -n --bind "$1" "$root$1"
  "$mount" -n -o remount,bind,ro,nosuid,nodev "$root$1"
  shift
done
shift
"$mkdir" "$root/old" "$root/proc"
"$mount" -n --rbind /proc "$root/proc"
cd "$root"
"$pivot_root" . old
"$umount" -n -l /old
"$umount" -n -l /proc
"$mount" -n -o remount,ro,nosuid,nodev /
cd /
"$@"
exit $?
`;

/**
 * What bubblewrap does, as far as the programs of util-linux go: no network, no other process, none of the machine's files
 * but libraries and what is named, all of it read-only; no capability and no way to gain one. No filter of system calls:
 * other programs can be started, in the same sandbox, and there are some (`mount`, `setpriv`). It ends with its parent.
 *
 * @returns `undefined` where a program for it is not installed. Whether it works on this machine is seen by trying.
 */
export function createUnshare({
  directory,
  maxMemoryBytes,
  asNobody,
}: NamespaceOptions): Sandbox | undefined {
  const programs = new Map(needed.map((name) => [name, findProgram(name)]));
  const path = (name: (typeof needed)[number]): string => programs.get(name) ?? "";
  if (needed.some((name) => path(name) === "")) return undefined;
  const root = join(directory, "root");
  mkdirSync(root, { recursive: true });

  const command = (program: Program): Command => {
    const visible = [...systemFolders, path("setpriv"), path("mount"), path("umount"), ...program.readable];
    const args = [
      ...["--pdeathsig", "KILL", "--", path("unshare")],
      ...(asNobody ? [] : ["--user", "--map-root-user"]),
      ...["--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child=KILL", "--"],
      ...["/bin/sh", "-c", script, "sh"],
      ...[root, path("mount"), path("umount"), path("pivot_root"), path("mkdir")],
      ...[...visible, "--"],
      ...[path("setpriv"), ...(asNobody ? becomeNobody : []), ...dropPrivileges, "--"],
      ...[program.command.file, ...program.command.args],
    ];
    return withResourceLimits({ file: path("setpriv"), args }, maxMemoryBytes);
  };

  return {
    name: "unshare",
    cutsOff: { network: true, files: true },
    readsAsAnother: asNobody,
    hasPermissionModel: true,
    command,
  };
}
