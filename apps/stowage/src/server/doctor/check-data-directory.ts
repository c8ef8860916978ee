import { randomUUID } from "node:crypto";
import { link, open, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { formatSize } from "../../cli/terminal/format-size.ts";
import { type Diagnosis, failed, ok, sentenceOf, warning } from "./diagnosis.ts";

/** Below the first no upload can be relied on; below the second it is time to make room. */
const leastFreeBytes = 100_000_000;
const fewFreeBytes = 1_000_000_000;
const leastFreeInodes = 10_000;

const othersMask = 0o077;

/** What keeps others out, room and abilities of the file system under a data directory that is there. */
export async function checkDataDirectory(dataDir: string): Promise<Diagnosis[]> {
  return [
    await checkWriting(dataDir),
    ...(await checkPermissions(dataDir)),
    await checkRoom(dataDir),
    await checkFileSystem(dataDir),
    await checkHardLinks(dataDir),
  ];
}

/** Writes a file as the server would, synced, and takes it away again. */
async function checkWriting(dataDir: string): Promise<Diagnosis> {
  const path = join(dataDir, `doctor-${randomUUID()}`);
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile("written");
      await file.sync();
    } finally {
      await file.close();
      await rm(path);
    }
    return ok("data-directory", `${dataDir} can be written.`);
  } catch (error) {
    return failed(
      "data-directory",
      `${dataDir} can't be written: ${sentenceOf(error)}`,
      "Make room, mount it writable, or give it to the account that runs Stowage (chown).",
    );
  }
}

async function checkPermissions(dataDir: string): Promise<Diagnosis[]> {
  // Windows has no such modes.
  if (process.platform === "win32") return [];
  const { mode, uid } = await stat(dataDir);
  const found: Diagnosis[] = [];
  if ((mode & othersMask) !== 0)
    found.push(
      warning(
        "permissions",
        "Other accounts of this machine may look into the data directory.",
        `chmod 700 ${dataDir}`,
      ),
    );
  if (process.getuid?.() !== uid)
    found.push(
      warning(
        "owner",
        `The data directory belongs to account ${uid}, and you are ${process.getuid?.()}.`,
        "Run doctor and every other command as the account that runs the server.",
      ),
    );
  return found.length > 0 ? found : [ok("permissions", "It is its owner's alone.")];
}

async function checkRoom(dataDir: string): Promise<Diagnosis> {
  const { bavail, bsize, files, ffree } = await statfs(dataDir);
  const freeBytes = bavail * bsize;
  const fix = "Make room, or move the data directory to a larger disk while Stowage is stopped.";
  // File systems without a table of inodes say 0 of 0.
  if (files > 0 && ffree < leastFreeInodes)
    return failed("free-space", `The file system has room for ${ffree} more files only.`, fix);
  const sentence = `${formatSize(freeBytes)} are free.`;
  if (freeBytes < leastFreeBytes) return failed("free-space", `Only ${sentence}`, fix);
  return freeBytes < fewFreeBytes
    ? warning("free-space", `Only ${sentence}`, fix)
    : ok("free-space", sentence);
}

/** By the magic numbers of Linux' statfs(2). */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x01021997, "9p"],
  [0x786f4256, "a folder shared by VirtualBox"],
  [0x00c36400, "CephFS"],
  [0x5346414f, "AFS"],
]);
const passingFileSystems: ReadonlyMap<number, string> = new Map([
  [0x01021994, "tmpfs: in memory, and gone with the next start of the machine"],
  [0x794c7630, "an overlay: a container's own layer, and gone with it"],
]);
const fuse = 0x65735546;

async function checkFileSystem(dataDir: string): Promise<Diagnosis> {
  const check = "file-system";
  if (process.platform !== "linux") return ok(check, "Its kind is not told on this system.");
  const type = (await statfs(dataDir)).type >>> 0;
  const network = networkFileSystems.get(type);
  if (network !== undefined)
    return failed(
      check,
      `It is a network's: ${network}. Its locks and syncs are not what SQLite needs.`,
      "Keep the data directory on a disk of this machine.",
    );
  const passing = passingFileSystems.get(type);
  if (passing !== undefined)
    return warning(check, `It is ${passing}.`, "Keep the data directory on a disk, or on a volume.");
  if (type === fuse)
    return warning(
      check,
      "It is FUSE's: whether a sync reaches the disk is up to the program behind it.",
      "Keep the data directory on a disk of this machine, if you don't know that program.",
    );
  return ok(check, "It is a local file system.");
}

async function checkHardLinks(dataDir: string): Promise<Diagnosis> {
  const check = "hard-links";
  const paths = [randomUUID(), randomUUID()].map((id) => join(dataDir, `doctor-${id}`));
  const [first = "", second = ""] = paths;
  try {
    await (await open(first, "wx", 0o600)).close();
    await link(first, second);
    if ((await stat(first)).nlink === 2) return ok(check, "One file can have several names.");
    throw new Error("the second name is not counted");
  } catch (error) {
    return failed(
      check,
      `The file system can't give a file two names: ${sentenceOf(error)}`,
      "Keep the data directory on a file system with hard links (ext4, xfs, btrfs, zfs, APFS, NTFS).",
    );
  } finally {
    for (const path of paths) await rm(path, { force: true });
  }
}
