// Stands in for the decoding process in tests: does what the file's text says.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { DecodeJob } from "./examination.ts";
import { stayUnderParent } from "./stay-under-parent.ts";

stayUnderParent();
const hoard: Buffer[] = [];

process.on("message", (job: DecodeJob) => {
  const [command = "", argument = ""] = readFileSync(job.path, "utf8").split(" ");
  switch (command) {
    case "hang":
      writeFileSync(argument, String(process.pid));
      for (;;) hoard.length = 0;
    case "wait":
      writeFileSync(argument, String(process.pid));
      return;
    case "late":
      return void setTimeout(() => accept("at last"), Number(argument));
    case "hoard":
      setInterval(() => hoard.push(Buffer.alloc(16 * 2 ** 20, 1)), 1);
      return;
    case "leave":
      hoard.push(Buffer.alloc(Number(argument) * 2 ** 20, 1));
      return void setTimeout(() => accept(String(process.pid)), 500);
    case "abort":
      return process.abort();
    case "exit":
      return process.exit(0);
    case "die":
      return process.kill(process.pid, "SIGKILL");
    case "die-once":
      if (existsSync(argument)) return accept("second time");
      writeFileSync(argument, "");
      return process.kill(process.pid, "SIGKILL");
    case "interrupted": {
      // Both must have arrived, and left this process alive.
      let signals = 0;
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.once(signal, () => {
          signals += 1;
          if (signals === 2) accept("still here");
        });
        process.kill(process.pid, signal);
      }
      return;
    }
    case "rubbish":
      return process.send?.({ kind: "examined", examination: { verdict: "accepted", pictures: [{}] } });
    case "environment":
      return accept(Object.keys(process.env).toSorted().join(" "));
    default:
      return accept(String(process.pid));
  }
});
process.send?.({ kind: "ready" });

function accept(contentType: string): void {
  process.send?.({ kind: "examined", examination: { verdict: "accepted", contentType, pictures: [] } });
}
