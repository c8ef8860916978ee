import { setTimeout as delay } from "node:timers/promises";
import { listeningPorts } from "./listening-ports.ts";

/** A look into a running Node process, through its inspector. */
export interface HeapInspector {
  /** Bytes of V8's heap that are in use after two full collections. */
  heapAfterCollections(): Promise<number>;
  close(): void;
}

const patienceMs = 10_000;

/**
 * Has a process open its inspector (SIGUSR1), as it was started: no flag that makes it another than it is in service.
 * It must have been given a port of its own for that, by `--inspect-port=0`, which does nothing else.
 */
export async function inspectHeap(pid: number): Promise<HeapInspector> {
  const before = listeningPorts(pid);
  process.kill(pid, "SIGUSR1");
  const port = await newPort(pid, before);
  const [target] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    webSocketDebuggerUrl: string;
  }[];
  if (!target) throw new Error("The inspector has no target");
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error("The inspector takes no connection")));
  });
  let lastId = 0;
  const call = <Result>(method: string, params: object = {}): Promise<Result> =>
    new Promise((resolve, reject) => {
      lastId += 1;
      const id = lastId;
      const take = ({ data }: MessageEvent): void => {
        const answer = JSON.parse(String(data)) as {
          id?: number;
          result: Result;
          error?: { message: string };
        };
        if (answer.id !== id) return;
        socket.removeEventListener("message", take);
        if (answer.error) reject(new Error(`${method}: ${answer.error.message}`));
        else resolve(answer.result);
      };
      socket.addEventListener("message", take);
      socket.send(JSON.stringify({ id, method, params }));
    });
  return {
    async heapAfterCollections() {
      await call("HeapProfiler.collectGarbage");
      await call("HeapProfiler.collectGarbage");
      const { result } = await call<{ result: { value: number } }>("Runtime.evaluate", {
        expression: "process.memoryUsage().heapUsed",
        returnByValue: true,
      });
      return result.value;
    },
    close: () => socket.close(),
  };
}

async function newPort(pid: number, before: ReadonlySet<number>): Promise<number> {
  const until = Date.now() + patienceMs;
  while (Date.now() < until) {
    const port = [...listeningPorts(pid)].find((each) => !before.has(each));
    if (port !== undefined) return port;
    await delay(20);
  }
  throw new Error(`Process ${pid} opens no inspector`);
}
