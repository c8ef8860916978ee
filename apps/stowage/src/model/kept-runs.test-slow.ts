import { test } from "node:test";
import { runLifecycle } from "./lifecycle-run.testing.ts";
import type { Which } from "./lifecycle-step.testing.ts";

// Runs that random steps come to seldom, and that say something of their own.

const newest: Which = { index: 0, fits: true };

test("parts that were joined while their upload was aborted are deleted by who joined them", () =>
  runLifecycle([
    { do: "create", who: 1, as: "film", size: "free", nature: "sound", silent: true, again: false },
    { do: "mint-parts", which: newest, parts: [1, 2], other: false },
    { do: "put", which: newest, bytes: "right" },
    { do: "put", which: { index: 1, fits: true }, bytes: "right" },
    { do: "complete", which: newest, sha256: "none", fate: { at: 2, how: "sleep" } },
    { do: "abort", which: newest },
    { do: "wake", index: 0 },
  ]));

test("a reservation that the sweeper freed is not freed again by an abort that wakes late", () =>
  runLifecycle([
    { do: "create", who: 0, as: "picture", size: 100, nature: "sound", silent: false, again: false },
    { do: "abort", which: newest, fate: { at: 3, how: "sleep" } },
    { do: "wait", seconds: 720 },
    { do: "sweep" },
    { do: "wake", index: 0 },
  ]));

test("a worker that copied before other bytes came under the landing key serves what it copied", () =>
  runLifecycle([
    { do: "create", who: 0, as: "picture", size: 100, nature: "sound", silent: false, again: false },
    { do: "put", which: newest, bytes: "right" },
    { do: "complete", which: newest, sha256: "none" },
    { do: "work", away: false, fate: { at: 2, how: "sleep-after" } },
    { do: "swap", which: newest },
    { do: "wake", index: 0 },
  ]));
