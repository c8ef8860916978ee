import type { ApiObserver } from "@stowage/api";
import { Counter, Histogram, type Registry } from "prom-client";

/** The page's files have names of their own at every build: one series for all of them. */
const assets = /^\/assets\//;

/** From what a person does not notice to what they give up on. */
const seconds = [0.005, 0.02, 0.1, 0.5, 2, 10];

/** Methods that a route of ours has, or that a browser sends: any other is `other`. */
const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Counts what the API answers, and what comes of the files that are announced. */
export function countApi(registry: Registry): ApiObserver {
  const registers = [registry];
  const requests = new Counter({
    name: "stowage_http_requests_total",
    help: "Answers of the API process, by route template.",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const durations = new Histogram({
    name: "stowage_http_request_duration_seconds",
    help: "From a request's head to the end of its answer, by route template.",
    labelNames: ["method", "route"],
    buckets: seconds,
    registers,
  });
  const announced = new Counter({
    name: "stowage_announced_files_total",
    help: "Files that clients announced, by what came of it: accepted, or the problem's code.",
    labelNames: ["outcome"],
    registers,
  });
  announced.inc({ outcome: "accepted" }, 0);
  return {
    answered: ({ method, route, statusCode, durationMs }) => {
      const labels = {
        method: methods.has(method) ? method : "other",
        route: assets.test(route) ? "/assets/*" : route,
      };
      requests.inc({ ...labels, status: String(statusCode) });
      durations.observe(labels, durationMs / 1000);
    },
    announced: (outcome) => announced.inc({ outcome }),
  };
}
