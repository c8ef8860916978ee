import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Counter, Histogram, type Registry } from "prom-client";

const seconds = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600];

/** Counts what a bucket's server answers, and the bytes of objects that go in and out. */
export function countBucketRequests(registry: Registry, server: Server): void {
  const registers = [registry];
  const requests = new Counter({
    name: "stowage_bucket_requests_total",
    help: "Answers of the embedded bucket, by what was asked and the status.",
    labelNames: ["operation", "status"],
    registers,
  });
  const durations = new Histogram({
    name: "stowage_bucket_request_duration_seconds",
    help: "From a request's head to the end of its answer: a slow client's PUT takes as long as the client.",
    labelNames: ["operation"],
    buckets: seconds,
    registers,
  });
  const received = new Counter({
    name: "stowage_bucket_received_bytes_total",
    help: "Bytes that PUTs which the bucket accepted declared.",
    registers,
  });
  const sent = new Counter({
    name: "stowage_bucket_sent_bytes_total",
    help: "Bytes of the bodies that the bucket's answers to GETs declared.",
    registers,
  });
  const watch = (request: IncomingMessage, response: ServerResponse): void => {
    const operation = operationOf(request);
    const end = durations.startTimer({ operation });
    // Fires once, whether the answer went out or its client did.
    response.once("close", () => {
      end();
      const { statusCode, writableFinished } = response;
      requests.inc({ operation, status: writableFinished ? String(statusCode) : "broken-off" });
      if (!writableFinished || statusCode >= 300) return;
      if (request.method === "PUT") received.inc(lengthOf(request.headers["content-length"]));
      else if (request.method === "GET") sent.inc(lengthOf(response.getHeader("content-length")));
    });
  };
  server.on("request", watch);
  server.on("checkContinue", watch);
}

const lengthOf = (value: unknown): number => Math.max(0, Number(value ?? 0)) || 0;

/** What a request asks for, in S3's words; of a closed list, since anybody may send anything. */
function operationOf({ method = "", url = "", headers }: IncomingMessage): string {
  const [path = "", query = ""] = url.split("?", 2);
  if (path === "/-/health") return "health";
  const has = (name: string) => new RegExp(`(?:^|&)${name}(?:=|&|$)`).test(query);
  // One segment is the bucket itself.
  const isObject = /^\/[^/]+\/./.test(path);
  switch (method) {
    case "PUT":
      if (has("partNumber")) return headers["x-amz-copy-source"] ? "upload-part-copy" : "upload-part";
      if (headers["x-amz-copy-source"]) return "copy-object";
      return isObject ? "put-object" : "other";
    case "GET":
      if (isObject) return has("uploadId") ? "list-parts" : "get-object";
      return has("uploads") ? "list-multipart-uploads" : "list-objects";
    case "HEAD":
      return isObject ? "head-object" : "head-bucket";
    case "DELETE":
      return has("uploadId") ? "abort-multipart-upload" : "delete-object";
    case "POST":
      if (has("uploads")) return "create-multipart-upload";
      if (has("uploadId")) return "complete-multipart-upload";
      return has("delete") ? "delete-objects" : "post-object";
    case "OPTIONS":
      return "preflight";
    default:
      return "other";
  }
}
