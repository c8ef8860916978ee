import { join } from "node:path";
import { type Body, makeBodies } from "../load/bodies.ts";
import { type Peer, startNginx } from "../peers/nginx.ts";
import { type Person, personOf } from "../product/person.ts";
import { type Stowage, startStowage } from "../product/start-stowage.ts";
import type { Bench, Figure, Measure } from "./measure.ts";
import { measureGet } from "./p9-get.ts";
import { measurePut } from "./p9-put.ts";

const sizeBytes = 2 * 1024 * 1024;
const distinctBodies = 64;

/** Both sides of P9, running. */
export interface BucketAndNginx {
  readonly bench: Bench;
  readonly bodies: readonly Body[];
  readonly stowage: Stowage;
  /** Who the API signs the product's URLs for. */
  readonly person: Person;
  readonly nginx: Peer;
}

/** The bucket alone, by URLs that the API signed beforehand, against nginx on the same disk. */
export const p9: Measure = {
  name: "p9",
  async run(bench) {
    const bodies = makeBodies(distinctBodies, sizeBytes);
    // A worker has nothing to do while files are read, and is paused while files come.
    return [
      await withBoth({ bench, bodies, name: "get", settings: [] }, measureGet),
      await withBoth({ bench, bodies, name: "put", settings: ["worker.concurrency=0"] }, measurePut),
    ];
  },
};

async function withBoth(
  options: {
    readonly bench: Bench;
    readonly bodies: readonly Body[];
    readonly name: string;
    readonly settings: readonly string[];
  },
  measure: (sides: BucketAndNginx) => Promise<Figure>,
): Promise<Figure> {
  const { bench, bodies, name, settings } = options;
  const stowage = await startStowage(join(bench.directory, `stowage-${name}`), settings);
  const nginx = await startNginx(join(bench.directory, `nginx-${name}`));
  try {
    const person = personOf(stowage, await stowage.addPerson("person@example.test"));
    return await measure({ bench, bodies, stowage, person, nginx });
  } finally {
    await Promise.all([stowage.stop(), nginx.stop()]);
  }
}
