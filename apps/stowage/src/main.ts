#!/usr/bin/env node
// The stowage command. Run from its source, it keeps what Node made of that, and starts in a third of the time.
import { enableCompileCache } from "node:module";
import { join } from "node:path";

if (import.meta.filename.endsWith(".ts"))
  enableCompileCache(join(import.meta.dirname, "..", "..", "..", "node_modules", ".cache", "stowage"));

const { runProcess } = await import("./cli/run-process.ts");
await runProcess();
