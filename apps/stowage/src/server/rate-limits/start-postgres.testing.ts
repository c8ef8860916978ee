import { execFileSync, spawn } from "node:child_process";
import { globSync } from "node:fs";
import { chown, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { freePort } from "./free-port.testing.ts";
import { runServer, type StoreServer } from "./start-redis.testing.ts";

/** A PostgreSQL with one user and the database `postgres`. Debian's: its programs are not on the PATH. */
export async function startPostgres(): Promise<StoreServer> {
  const [programs] = globSync("/usr/lib/postgresql/*/bin").sort().reverse();
  if (programs === undefined) throw new Error("PostgreSQL is not installed: npm run test:setup");
  const folder = await mkdtemp(join(tmpdir(), "stowage-postgres-"));
  const password = "pass-of-the-test-postgres";
  await writeFile(join(folder, "password"), password);
  const as = postgresUser();
  if (as.uid !== undefined)
    for (const path of [folder, join(folder, "password")]) await chown(path, as.uid, as.gid);
  const data = join(folder, "data");
  const initialise = [
    "-D",
    data,
    "-U",
    "stowage",
    "-A",
    "scram-sha-256",
    "--pwfile",
    join(folder, "password"),
  ];
  execFileSync(join(programs, "initdb"), initialise, { ...as, cwd: folder, stdio: "pipe" });
  const port = await freePort();
  const args = [
    "-D",
    data,
    "-p",
    `${port}`,
    "-k",
    folder,
    "-c",
    "listen_addresses=127.0.0.1",
    "-c",
    "fsync=off",
  ];
  return runServer({
    url: `postgres://stowage:${password}@127.0.0.1:${port}/postgres`,
    password,
    folder,
    ping: [join(programs, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", `${port}`],
    spawn: () => spawn(join(programs, "postgres"), args, { ...as, cwd: folder, stdio: "ignore" }),
  });
}

/** PostgreSQL refuses to run as root. */
function postgresUser():
  | { readonly uid: number; readonly gid: number }
  | (Record<string, never> & { uid?: undefined }) {
  if (process.getuid?.() !== 0) return {};
  const idOf = (option: string) => Number(execFileSync("id", [option, "postgres"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}
