import { join } from "node:path";
import { type Body, makeBodies } from "../load/bodies.ts";
import { type Peer, startNginx } from "../peers/nginx.ts";
import { type Person, personOf } from "../product/person.ts";
import { type Stowage, startStowage } from "../product/start-stowage.ts";
import type { Bench, Measure } from "./measure.ts";
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
    const stowage = await startStowage(join(bench.directory, "stowage"));
    const nginx = await startNginx(join(bench.directory, "nginx"));
    try {
      const person = personOf(stowage, await stowage.addPerson("person@example.test"));
      const sides = { bench, bodies: makeBodies(distinctBodies, sizeBytes), stowage, person, nginx };
      // The downloads first: later the disk has more to do.
      return [await measureGet(sides), await measurePut(sides)];
    } finally {
      await Promise.all([stowage.stop(), nginx.stop()]);
    }
  },
};
