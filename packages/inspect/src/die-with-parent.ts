// Runs as a worker thread of a decoding process. Where the parent is gone, that process must not live on,
// even while its main thread is stuck in an endless loop and hears of nothing.
import { workerData } from "node:worker_threads";

const checkIntervalMs = 1000;
// Given by the main thread: by the time this one runs, another process may have become the parent.
const parentProcessId: unknown = workerData;

setInterval(() => {
  if (process.ppid !== parentProcessId) process.kill(process.pid, "SIGKILL");
}, checkIntervalMs);
