import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { askApi } from "./harness/api-client.ts";
import { makePdf } from "./harness/documents.ts";
import { downloadOriginal } from "./harness/files.ts";
import { freePortPair } from "./harness/free-ports.ts";
import { makePng } from "./harness/images.ts";
import { type Family, parseExposition, sumOf } from "./harness/parse-exposition.ts";
import { canSeeProcesses } from "./harness/processes.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { completeUpload, createUpload, emptyPromise, uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
});
after(() => server.stop());

/** Answers as they are: the harness' client holds them to what the API's are. */
const ask = (path: string, headers: Readonly<Record<string, string>> = {}, from = server) =>
  fetch(`${from.api}${path}`, { headers });

async function scrape(
  from = server,
  headers: Readonly<Record<string, string>> = {},
): Promise<Map<string, Family>> {
  const answer = await ask("/metrics", headers, from);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  return parseExposition(await answer.text());
}

test("after a known run the numbers are those of that run, and nothing in them names anybody", async () => {
  const { api } = person;
  const picture = await makePng();
  const ready: string[] = [];
  for (let round = 0; round < 3; round += 1)
    ready.push((await uploadToEnd(api, await makePng(), { name: "very-private-name.png" })).fileId);
  const rejected = await uploadToEnd(api, Buffer.from("no picture at all"));
  assert.equal(rejected.rejection?.code, "type-mismatch");
  const aborted = await createUpload(api, emptyPromise(10));
  assert.equal((await api.delete(`/v1/uploads/${aborted.id}`)).status, 200);
  const open = await createUpload(api, emptyPromise(10));
  assert.equal((await api.post("/v1/uploads", { files: [emptyPromise(30_000_000)] })).status, 413);
  await downloadOriginal(api, ready[0] ?? "");
  await api.get("/v1/files/none");
  await api.get("/nothing/very-private-path");
  await completeUpload(api, rejected.id).catch(() => undefined);

  const seen = await waitFor("the run to be counted", async () => {
    const families = await scrape();
    return sumOf(families, "stowage_complete_to_end_seconds_count") === 4 && families;
  });
  const count = (name: string, labels: Record<string, string> = {}) => sumOf(seen, name, labels);
  assert.equal(count("stowage_upload_ends_total", { result: "ready" }), 3);
  assert.equal(count("stowage_upload_ends_total", { result: "rejected", code: "type-mismatch" }), 1);
  assert.equal(count("stowage_upload_ends_total", { result: "rejected" }), 1);
  assert.equal(count("stowage_upload_ends_total", { result: "aborted", code: "by-owner" }), 1);
  assert.equal(count("stowage_upload_ends_total"), 5);
  assert.equal(count("stowage_announced_files_total", { outcome: "accepted" }), 6);
  assert.equal(count("stowage_announced_files_total", { outcome: "file-too-large" }), 1);
  assert.equal(count("stowage_uploads_completed_total"), 4);
  assert.equal(count("stowage_verifications_begun_total", { try: "first" }), 4);
  assert.equal(count("stowage_verifications_postponed_total"), 0);
  assert.equal(count("stowage_inspection_duration_seconds_count", { kind: "image" }), 4);
  assert.equal(count("stowage_complete_to_end_seconds_count", { result: "ready" }), 3);
  assert.equal(count("stowage_presigned_requests_total", { kind: "put" }) >= 6, true);
  assert.equal(count("stowage_presigned_requests_total", { kind: "get" }), 1);
  assert.ok(count("stowage_accepted_bytes_total") >= 3 * 8 && picture.length > 0);
  assert.equal(count("stowage_bucket_requests_total", { operation: "put-object", status: "200" }) >= 4, true);
  assert.equal(count("stowage_bucket_requests_total", { operation: "get-object", status: "200" }) >= 5, true);
  assert.ok(count("stowage_bucket_sent_bytes_total") > 0 && count("stowage_bucket_received_bytes_total") > 0);
  const create = { method: "POST", route: "/v1/uploads" };
  assert.equal(count("stowage_http_requests_total", { ...create, status: "201" }), 6);
  assert.equal(count("stowage_http_requests_total", { ...create, status: "413" }), 1);
  assert.equal(count("stowage_http_request_duration_seconds_count", create), 7);
  assert.ok(count("stowage_http_requests_total", { route: "/v1/files/:id", status: "404" }) >= 1);
  assert.ok(count("stowage_http_requests_total", { route: "unknown", status: "404" }) >= 1);
  assert.equal(count("stowage_queue_length"), 0);
  assert.equal(count("stowage_queue_oldest_seconds"), 0);
  assert.ok(count("stowage_decode_processes_started_total") >= 1);
  assert.ok(count("stowage_decodes_total", { outcome: "examined" }) >= 3);
  assert.ok(count("stowage_sweep_last_success_timestamp_seconds", { pass: "uploads" }) > 1e9);
  await waitFor("the open one to be counted", async () => {
    const families = await scrape();
    return sumOf(families, "stowage_open_uploads", { state: "pending" }) === 1;
  });

  const text = await (await ask("/metrics")).text();
  for (const word of ["very-private", open.id, rejected.id, ready[0] ?? "", person.email])
    assert.ok(!text.includes(word), `${word} is in the metrics`);
  for (const process of ["api", "bucket", "worker"]) {
    assert.equal(count("stowage_process_up", { process }), 1);
    assert.ok(count("process_resident_memory_bytes", { process }) > 1e7);
    assert.ok(count("process_cpu_seconds_total", { process }) > 0);
  }
});

test("what is made because somebody asks for it is counted, and what waits", async () => {
  const { api } = person;
  const seen = async () => {
    const families = await scrape();
    return (name: string, labels: Record<string, string> = {}) => sumOf(families, name, labels);
  };
  const before = await seen();
  const { fileId } = await uploadToEnd(api, makePdf(3), { contentType: "application/pdf", name: "a.pdf" });
  for (const page of [2, 3])
    await waitFor("the page to be made", async () => {
      const json = { files: [{ id: fileId, derivative: "page", page }] };
      const from = { origin: server.api, token: person.token };
      return (await askApi({ ...from, method: "POST", path: "/v1/downloads", json })).status === 200;
    });
  const made = { outcome: "made" };
  await waitFor("both to be counted", async () => {
    const count = await seen();
    return (
      count("stowage_derivatives_total", made) === before("stowage_derivatives_total", made) + 2 &&
      count("stowage_derivative_duration_seconds_count", made) ===
        before("stowage_derivative_duration_seconds_count", made) + 2
    );
  });
  const after = await seen();
  assert.equal(after("stowage_derivatives_total", { outcome: "failed" }), 0);
  assert.ok(after("stowage_derivative_duration_seconds_sum", made) > 0);
  assert.equal(after("stowage_derivative_queue_length"), 0);
  assert.equal(after("stowage_derivative_queue_oldest_seconds"), 0);
});

test("every label has few values, whatever clients send", async () => {
  const before = await scrape();
  for (let round = 0; round < 30; round += 1) {
    await ask(`/v1/files/never-${round}`);
    await ask(`/never-${round}/${round}`);
    await fetch(`${server.bucket}/never-${round}/${round}?x-${round}=1`, { method: "DELETE" });
    await fetch(`${server.bucket}/never-${round}`, { method: "PROPFIND" });
  }
  const series = (families: Map<string, Family>) =>
    [...families.values()].reduce((sum, { samples }) => sum + samples.length, 0);
  const grown = series(await scrape()) - series(before);
  assert.ok(grown <= 60, `${grown} more series`);
});

test("a worker that is killed is told, its count of restarts too, and its numbers begin anew", {
  skip: !canSeeProcesses,
}, async () => {
  const worker = server.process("worker");
  assert.ok(worker);
  process.kill(worker, "SIGKILL");
  const families = await waitFor("the next worker to be scraped", async () => {
    const now = await scrape();
    return (
      sumOf(now, "stowage_process_restarts_total", { process: "worker" }) === 1 &&
      sumOf(now, "stowage_process_up", { process: "worker" }) === 1 &&
      now
    );
  });
  assert.equal(sumOf(families, "stowage_upload_ends_total", { process: "worker" }), 0);
  assert.equal(sumOf(families, "stowage_upload_ends_total", { process: "api", result: "aborted" }), 1);
});

test("a process that hangs does not hold up the scrape", { skip: !canSeeProcesses }, async () => {
  const bucket = server.process("bucket");
  assert.ok(bucket);
  process.kill(bucket, "SIGSTOP");
  try {
    const families = await scrape();
    assert.equal(sumOf(families, "stowage_process_up", { process: "bucket" }), 0);
    assert.equal(sumOf(families, "stowage_process_up", { process: "worker" }), 1);
  } finally {
    process.kill(bucket, "SIGCONT");
  }
});

test("what came through a proxy, or under another name, may not read", async () => {
  for (const headers of [
    { "x-forwarded-for": "203.0.113.9" },
    { forwarded: "for=203.0.113.9" },
    { authorization: `Bearer ${person.token}`, via: "1.1 proxy" },
  ]) {
    const answer = await ask("/metrics", headers);
    assert.equal(answer.status, 401, JSON.stringify(headers));
    assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer\b/);
    assert.doesNotMatch(await answer.text(), /stowage_/);
  }
});

test("under a public name nobody may read without a token, this machine neither", async () => {
  const port = await freePortPair();
  const args = ["--public-url", "https://photos.example", "--bucket-url", "https://files.example"];
  const isPublic = await startServer({ port, args, set: { scanner: "none" } });
  try {
    for (const host of ["localhost", "127.0.0.1"]) {
      const answer = await fetch(`http://${host}:${port}/metrics`);
      assert.equal(answer.status, 401);
      assert.match(await answer.text(), /metrics\.token/);
    }
  } finally {
    await isPublic.stop();
  }
});

test("with a token only its holder may read, from wherever", async () => {
  const token = "a-token-of-the-scraper-that-nobody-else-knows";
  const withToken = await startServer({ set: { "metrics.token": token } });
  try {
    for (const authorization of ["", `Bearer ${token}x`, "Bearer ", `Basic ${token}`])
      assert.equal((await ask("/metrics", { authorization }, withToken)).status, 401, authorization);
    assert.equal((await ask("/metrics", {}, withToken)).status, 401);
    await scrape(withToken, { authorization: `Bearer ${token}`, "x-forwarded-for": "203.0.113.9" });
  } finally {
    await withToken.stop();
  }
});
