// A thread that opens one new database after the other, each at the same moment as its siblings.
import { parentPort, workerData } from "node:worker_threads";
import { openSqlite } from "./sqlite-connection.ts";

const { file, gate, rounds, openers } = workerData as {
  readonly file: string;
  readonly gate: SharedArrayBuffer;
  readonly rounds: number;
  readonly openers: number;
};
const arrived = new Int32Array(gate);
const failures: string[] = [];
for (let round = 1; round <= rounds; round += 1) {
  Atomics.add(arrived, 0, 1);
  while (Atomics.load(arrived, 0) < openers * round);
  try {
    openSqlite(`${file}-${round}`).close();
  } catch (error) {
    failures.push(String(error));
  }
}
parentPort?.postMessage(failures);
