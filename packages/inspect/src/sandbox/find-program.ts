import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Where systems keep their own programs. Not `PATH`: what confines others is not to be chosen by it. */
const folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/run/current-system/sw/bin", "/usr/local/bin"];

/** The absolute path of one of the system's programs; `undefined` where it is not installed. */
export function findProgram(name: string): string | undefined {
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
