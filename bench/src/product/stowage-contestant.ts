import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { runUploadProgram } from "../load/upload-program.ts";
import { type Contestant, finishOf } from "../measures/contestant.ts";
import { startBehindProxies } from "./start-behind-proxies.ts";

const program = fileURLToPath(new URL("upload-files.ts", import.meta.url));

/** The product's client on Node, and the product. What has arrived is asked once all of it is verified. */
export const stowageContestant: Contestant = async (race) => {
  const { stowage, api, bucket, direct, stop } = await startBehindProxies(
    join(race.directory, "data"),
    race.decide,
  );
  try {
    const token = await stowage.addPerson("person@example.test");
    const proxies = [api, bucket];
    const env = {
      STOWAGE_SERVER: stowage.api,
      STOWAGE_TOKEN: token,
      CONCURRENCY: String(race.concurrency),
    };
    const args = ["--conditions=source", program];
    const { said, failures, ...ended } = await runUploadProgram(args, env, race.files, proxies);
    for (const [name, why] of failures) process.stderr.write(`Stowage: ${name}: ${why}\n`);
    const there = await verifiedFiles(direct.api, token);
    return [finishOf("Stowage", race, proxies, ended, { said: said.size, there })];
  } finally {
    await stop();
  }
};

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

async function listAll<Item>(api: string, token: string, path: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const after = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await fetch(`${api}${path}?limit=100${after}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    const page = (await answer.json()) as Page<Item>;
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

const pollMs = 500;

/** The SHA-256 of each file, as verification computed it, once no upload waits for it. */
async function verifiedFiles(api: string, token: string): Promise<string[]> {
  const isOnItsWay = ({ state }: { readonly state: string }): boolean =>
    state === "uploaded" || state === "verifying";
  while ((await listAll<{ state: string }>(api, token, "/v1/uploads")).some(isOnItsWay)) await delay(pollMs);
  const files = await listAll<{ sha256: string }>(api, token, "/v1/files");
  return files.map(({ sha256 }) => sha256);
}
