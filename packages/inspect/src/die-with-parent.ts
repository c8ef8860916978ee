// Runs as a worker thread of a decoding process. Where the parent is gone, that process must not live on,
// even while its main thread is stuck in an endless loop and hears of nothing.
const parentProcessId = process.ppid;
const intervalMs = 1000;

setInterval(() => {
  if (process.ppid !== parentProcessId) process.kill(process.pid, "SIGKILL");
}, intervalMs);
