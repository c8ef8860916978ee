import { DatabaseSync } from "node:sqlite";
import type { QueueChannel } from "../queue/queue-channel.ts";

/** Nobody tells when another process has written. */
const lookEveryMs = 100;

/** Another process holds the file for a moment at a time. */
const busyForMs = 2000;

/** A process that died has left without a word. */
const lookForTheDeadEveryMs = 1000;

/** Who is so far behind has stopped, or is another process under the number of one that died. */
const mostUnheard = 10_000;

/** What could not be written, since the file was full or held, is written then; of more than so many messages the first are lost. */
const tryAgainAfterMs = 1000;
const mostUnwritten = 1000;

const tables = `
  CREATE TABLE IF NOT EXISTS members (id INTEGER PRIMARY KEY AUTOINCREMENT, pid INTEGER NOT NULL, heard INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT, member INTEGER NOT NULL, message TEXT NOT NULL);`;

const lastId = "(SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'messages')";

/**
 * Between the programs of one machine that have a queue open, by a file on a local disk: each message is in it until all that were
 * there have heard it, and nothing is written while there is no other. It keeps no process alive.
 *
 * @param file - made where it is missing, in a folder that is there; holds nothing that is missed when it is gone
 */
export function createFileChannel<Message>(file: string): QueueChannel<Message> {
  const database = new DatabaseSync(file, { timeout: busyForMs });
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; ${tables}`);
  const join = database.prepare(`INSERT INTO members (pid, heard) VALUES (?, ${lastId}) RETURNING id, heard`);
  const others = database.prepare("SELECT DISTINCT pid FROM members WHERE id <> ?");
  const unheard = database.prepare("SELECT id, member, message FROM messages WHERE id > ? ORDER BY id");
  const noteHeard = database.prepare("UPDATE members SET heard = ? WHERE id = ?");
  const post = database.prepare("INSERT INTO messages (member, message) VALUES (?, ?)");
  const forget = database.prepare(
    "DELETE FROM messages WHERE id <= (SELECT min(heard) FROM members WHERE id <> ?)",
  );
  const leaveBehind = database.prepare(`DELETE FROM members WHERE heard < ${lastId} - ?`);
  const leave = database.prepare("DELETE FROM members WHERE id = ?");
  const forgetPid = database.prepare("DELETE FROM members WHERE pid = ?");
  const version = database.prepare("PRAGMA data_version");

  let me = 0;
  let heard = 0;
  const enter = () => {
    const { id, heard: from } = join.get(process.pid) as { id: number; heard: number };
    me = id;
    heard = from;
  };
  enter();

  const listeners = new Set<(message: Message) => void>();
  let seenVersion: unknown;
  let timer: NodeJS.Timeout | undefined;
  let lookedForTheDeadAtMs = Number.NEGATIVE_INFINITY;

  /** A file that is full, or held for too long, is looked at again. */
  const unlessBusy = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Error && "errcode" in error)) throw error;
    }
  };

  const read = (): { id: number; member: number; message: string }[] => {
    const { data_version } = version.get() as { data_version: number };
    if (data_version === seenVersion) return [];
    const messages = unheard.all(heard) as { id: number; member: number; message: string }[];
    seenVersion = data_version;
    return messages;
  };
  const unwritten: Message[] = [];
  let tryAtMs = 0;
  const write = () => {
    unlessBusy(() => {
      if (!hasOthers()) unwritten.length = 0;
      for (let [next] = unwritten; next !== undefined; [next] = unwritten) {
        post.run(me, JSON.stringify(next));
        unwritten.shift();
        leaveBehind.run(mostUnheard);
        forget.run(me);
      }
    });
    tryAtMs = unwritten.length > 0 ? performance.now() + tryAgainAfterMs : 0;
    unwritten.splice(0, unwritten.length - mostUnwritten);
  };
  const look = () => {
    if (unwritten.length > 0 && performance.now() >= tryAtMs) write();
    let messages: ReturnType<typeof read> = [];
    unlessBusy(() => {
      messages = read();
    });
    const last = messages.at(-1);
    if (!last) return;
    heard = last.id;
    unlessBusy(() => {
      // It was thought dead.
      if (noteHeard.run(heard, me).changes === 0) enter();
    });
    for (const { member, message } of messages)
      if (member !== me) for (const listener of [...listeners]) listener(JSON.parse(message) as Message);
  };

  const hasOthers = (): boolean => {
    const pids = others.all(me).map(({ pid }) => Number(pid));
    const nowMs = performance.now();
    if (pids.length === 0 || nowMs < lookedForTheDeadAtMs + lookForTheDeadEveryMs) return pids.length > 0;
    lookedForTheDeadAtMs = nowMs;
    const dead = pids.filter((pid) => !isAlive(pid));
    for (const pid of dead) forgetPid.run(pid);
    return dead.length < pids.length;
  };

  return {
    post(message) {
      if (!database.isOpen) return;
      unwritten.push(message);
      if (performance.now() >= tryAtMs) write();
    },
    listen(listener) {
      listeners.add(listener);
      timer ??= setInterval(look, lookEveryMs).unref();
      return () => listeners.delete(listener);
    },
    close() {
      clearInterval(timer);
      listeners.clear();
      if (!database.isOpen) return;
      if (unwritten.length > 0) write();
      unlessBusy(() => leave.run(me));
      database.close();
    },
  };
}

/** Signal 0 is not sent; EPERM is somebody else's, who lives. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
