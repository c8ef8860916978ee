import { type Diagnosis, failed, ok } from "./diagnosis.ts";

const leastMajor = 24;

/** @param version as `process.versions.node` says it */
export function checkNode(version: string): Diagnosis {
  return Number.parseInt(version, 10) >= leastMajor
    ? ok("node", `Node ${version}.`)
    : failed(
        "node",
        `Node ${version} is too old: Stowage wants ${leastMajor} or newer.`,
        "Start it with npm start, which brings its own, or install a newer Node.",
      );
}
