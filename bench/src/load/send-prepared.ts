import { at } from "./at.ts";
import { withConnections } from "./http-connection.ts";
import { measureRun, type Processes, type Run } from "./measure-run.ts";
import { runLanes } from "./run-lanes.ts";

/** A request that was made before the clock starts. */
export interface Prepared {
  readonly head: string;
  readonly body?: Buffer;
}

/** A load of requests to one server, each held to the answer that it must have. */
export interface PreparedLoad {
  readonly origin: string;
  /** Of the server. */
  readonly processes: Processes;
  readonly lanes: number;
  readonly requests: readonly Prepared[];
  readonly expected: { readonly status: number; readonly bodyBytes?: number };
}

/** Sends them all, `lanes` at a time. */
export const sendPrepared = ({ origin, processes, lanes, requests, expected }: PreparedLoad): Promise<Run> =>
  withConnections(origin, lanes, (connections) =>
    measureRun(requests.length, processes, () =>
      runLanes(lanes, requests.length, async (index, lane) => {
        const request = at(requests, index);
        const { status, bodyBytes } = await at(connections, lane).send(request);
        if (status !== expected.status)
          throw new Error(`${request.head.split("\r\n", 1)[0]}: answered ${status}`);
        if (expected.bodyBytes !== undefined && bodyBytes !== expected.bodyBytes)
          throw new Error(`${bodyBytes} bytes came of ${expected.bodyBytes}`);
      }),
    ),
  );
