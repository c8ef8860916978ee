// Makes dist/site, which a published package serves: its sources are not in it.
import { cp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { buildFromCheckout } from "./index.ts";

const dist = new URL("../../dist/", import.meta.url);
const site = new URL("site", dist);
const built = await buildFromCheckout(fileURLToPath(new URL("sites", dist)));
await rm(site, { recursive: true, force: true });
await cp(built, site, { recursive: true });
process.stdout.write(`${fileURLToPath(site)}\n`);
