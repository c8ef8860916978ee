import { at } from "../load/at.ts";
import { createRequests } from "../load/create-requests.ts";
import { withConnections } from "../load/http-connection.ts";
import type { Run } from "../load/measure-run.ts";
import { sendPrepared } from "../load/send-prepared.ts";
import { type Stowage, startStowage } from "./start-stowage.ts";
import { startTokenIssuer } from "./token-issuer.ts";

/** The product with a thousand people at it, all of whom have been there before. */
export interface ManyPeople {
  readonly stowage: Stowage;
  readonly tokens: readonly string[];
  /** Of the answer to a create of one file. */
  readonly answerBytes: number;
  /** `count` creates of `filesEach` files, over {@link lanes} connections. */
  create(count: number, filesEach: number): Promise<Run>;
  stop(): Promise<void>;
}

const people = 1000;

/** Connections at a time. */
export const lanes = 50;

/** Requests that are held in memory at a time. */
const preparedAtOnce = 10_000;

/** What one person may do, raised so high that nobody gets there; each is counted as ever. */
const raised = [
  "limits.createsPerMinute=1000000000",
  "limits.requestsPerMinute=1000000000",
  "limits.requestsPerMinutePerAddress=1000000000",
  "limits.openUploads=1000000000",
  "limits.quotaBytes=1000000000000000",
];

export async function startManyPeople(dataDir: string): Promise<ManyPeople> {
  const issuer = await startTokenIssuer();
  const tokens = Array.from({ length: people }, (_, index) => issuer.tokenOf(`person${index}`));
  const stowage = await startStowage(dataDir, [...raised, issuer.setting]);
  const origin = stowage.api;
  const processes = { api: [stowage.pidOf("api")] };
  const create = (count: number, filesEach: number): Promise<Run> => {
    const requests = createRequests({ origin, tokens, count, filesEach });
    return sendPrepared({ origin, processes, lanes, requests, expected: { status: 201 } });
  };
  await create(people, 1);
  const answerBytes = await withConnections(origin, 1, async (connections) => {
    const request = at(createRequests({ origin, tokens, count: 1, filesEach: 1 }), 0);
    return (await at(connections, 0).send(request)).bodyBytes;
  });
  return {
    stowage,
    tokens,
    answerBytes,
    create,
    stop: async () => {
      await stowage.stop();
      issuer.stop();
    },
  };
}

/** As many creates of one file as wanted, of which only some are held in memory at a time. */
export async function createMany({ create }: ManyPeople, count: number): Promise<void> {
  for (let done = 0; done < count; done += preparedAtOnce)
    await create(Math.min(preparedAtOnce, count - done), 1);
}
