import type { Step } from "./lifecycle-step.testing.ts";

/** What a printed test calls, and the module that exports it. */
export interface Runner {
  readonly name: string;
  readonly module: string;
}

/** Steps as a test that can be pasted into a file beside the model's, or run as a file of its own. */
export function printAsTest(steps: readonly Step[], why: string, runner: Runner): string {
  const lines = steps.map((step) => `    ${print(step)},`);
  return [
    `import { test } from "node:test";`,
    `import { ${runner.name} } from ${JSON.stringify(runner.module)};`,
    "",
    `test(${JSON.stringify(why)}, () =>`,
    `  ${runner.name}([`,
    ...lines,
    "  ]));",
    "",
  ].join("\n");
}

const isPlainName = /^[A-Za-z]\w*$/;

/** A value as an expression, as the formatter writes it. */
function print(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(print).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${isPlainName.test(name) ? name : JSON.stringify(name)}: ${print(member)}`);
  return `{ ${members.join(", ")} }`;
}
