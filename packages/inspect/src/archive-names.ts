/**
 * Finds names that are one and the same where an archive is unpacked: on most desktops neither case nor the way an accent is
 * composed makes a difference, nor dots and spaces at the end of a name.
 *
 * @param areFolded - not where programs alone read them and tell case apart, as in Java's archives
 */
export function createNameRegister(areFolded: boolean): {
  /** Of the names so far and this one: the end of a sentence. */
  faultOf(name: string): string | undefined;
} {
  const files = new Set<string>();
  const folders = new Set<string>();
  const ownFolders = new Set<string>();
  const fold = (step: string): string =>
    areFolded
      ? step
          .toUpperCase()
          .toLowerCase()
          .normalize("NFC")
          .replace(/[. ]{1,1024}$/u, "")
      : step.normalize("NFC");
  return {
    faultOf(name) {
      const steps = name.split("/").filter((step) => step !== "" && step !== ".");
      const path = steps.map(fold).join("/");
      if (name.endsWith("/")) {
        // Two that differ in case become one folder, and nothing is lost.
        if (ownFolders.has(name)) return sameName;
        ownFolders.add(name);
        folders.add(path);
      } else {
        if (files.has(path)) return sameName;
        files.add(path);
      }
      for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
        const above = path.slice(0, end);
        if (files.has(above)) return folderName;
        if (folders.has(above)) break;
        folders.add(above);
      }
      return files.has(path) && folders.has(path) ? folderName : undefined;
    },
  };
}

const sameName = "two files in it have the same name, or one that most systems take for the same";
const folderName = "a file in it has the name of a folder";
