// Writes docs/client-reference.md anew. The types must have been built.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { referenceOf } from "./client-reference.ts";

const root = join(import.meta.dirname, "..");
writeFileSync(join(root, "docs/client-reference.md"), referenceOf(join(root, "packages/client")));
