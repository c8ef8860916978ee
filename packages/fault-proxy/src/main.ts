// For people: node packages/fault-proxy/src/main.ts --target http://localhost:8421 --speaks s3 --rate 0.05 --seed 1
import { parseArgs } from "node:util";
import { type FaultKind, faultKinds } from "./fault.ts";
import { randomFaults } from "./random-faults.ts";
import { type Decide, startFaultProxy } from "./start-fault-proxy.ts";

const usage = `Usage: node packages/fault-proxy/src/main.ts --target ORIGIN [--port N] [--speaks api|s3]
         [--rate 0.05] [--seed 1] [--kinds KIND,KIND…]

Kinds: ${faultKinds.join(", ")}. Tells of each fault; Ctrl-C shows what went through.
`;

const fail = (why: string): never => {
  process.stderr.write(`${why}\n\n${usage}`);
  process.exit(2);
};

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    port: { type: "string", default: "0" },
    speaks: { type: "string", default: "api" },
    rate: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    kinds: { type: "string" },
  },
});
const { target, speaks } = values;
if (target === undefined || !URL.canParse(target)) fail("--target is the origin of a server.");
if (speaks !== "api" && speaks !== "s3") throw fail(`--speaks ${speaks}: api or s3.`);
const isKind = (word: string): word is FaultKind => faultKinds.some((kind) => kind === word);
const kinds = values.kinds?.split(",").map((word) => (isKind(word) ? word : fail(`--kinds: no "${word}".`)));

const plan = randomFaults({
  rate: Number(values.rate),
  seed: Number(values.seed),
  ...(kinds && { kinds }),
});
const decide: Decide = (request) => {
  const fault = plan(request);
  // Never the query, where presigned URLs have their signature.
  const path = request.path.split("?", 1)[0];
  if (fault) process.stderr.write(`${request.index} ${request.method} ${path}: ${JSON.stringify(fault)}\n`);
  return fault;
};

const proxy = await startFaultProxy({ ...(target && { target }), port: Number(values.port), speaks, decide });
process.stdout.write(`${proxy.url}\n`);
process.once("SIGINT", () => {
  const { requests, faults, ...bytes } = proxy.stats;
  const shown = { requests: Object.fromEntries(requests), faults: Object.fromEntries(faults), ...bytes };
  process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  process.exit(0);
});
