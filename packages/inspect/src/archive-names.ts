/** Folders within folders that no person makes; a system's longest path has room for hardly as many. */
const deepest = 100;

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
  /** A step below the number of the folder that it is in: names are long where folders are deep, and steps are not. */
  const numbers = new Map<string, number>();
  const files = new Set<number>();
  const folders = new Set<number>();
  const ownFolders = new Set<string>();
  const fold = (step: string): string =>
    areFolded
      ? step
          .toUpperCase()
          .toLowerCase()
          .normalize("NFC")
          .replace(/[. ]{1,1024}$/u, "")
      : step.normalize("NFC");
  const numberOf = (folder: number, step: string): number => {
    const key = `${folder}/${step}`;
    const number = numbers.get(key) ?? numbers.size + 1;
    numbers.set(key, number);
    return number;
  };
  return {
    faultOf(name) {
      const steps = name.split("/").filter((step) => step !== "" && step !== ".");
      if (steps.length > deepest) return tooDeep;
      const isFolder = name.endsWith("/");
      // Two that differ in case become one folder, and nothing is lost.
      if (isFolder && ownFolders.has(name)) return sameName;
      if (isFolder) ownFolders.add(name);
      let at = 0;
      for (const [index, step] of steps.map(fold).entries()) {
        at = numberOf(at, step);
        if (!isFolder && index === steps.length - 1) break;
        if (files.has(at)) return folderName;
        folders.add(at);
      }
      if (isFolder) return undefined;
      if (files.has(at)) return sameName;
      files.add(at);
      return at === 0 || folders.has(at) ? folderName : undefined;
    },
  };
}

const sameName = "two files in it have the same name, or one that most systems take for the same";
const folderName = "a file in it has the name of a folder";
const tooDeep = `it has folders that are more than ${deepest} deep in each other`;
