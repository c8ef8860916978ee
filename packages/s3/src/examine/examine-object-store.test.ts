import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StoreUnavailableError } from "@stowage/core";
import { credentials } from "../scripted-server.testing.ts";
import { examineObjectStore } from "./examine-object-store.ts";
import { startLaxS3 } from "./lax-s3.testing.ts";
import type { StoreCheckName } from "./store-check.ts";

const place = { region: "us-east-1", bucket: "bucket", credentials, origins: ["https://app.example"] };

const names: readonly StoreCheckName[] = [
  "presigned-put",
  "checksum",
  "if-none-match",
  "content-length",
  "signed-headers",
  "copy-source",
  "expiry",
  "multipart",
  "part-checksum",
  "complete-if-none-match",
  "clock",
  "permissions",
  "anonymous-read",
  "anonymous-list",
  "security-headers",
  "cors",
  "cors-others",
];

async function examine(...lax: StoreCheckName[]) {
  await using store = await startLaxS3(new Set(lax));
  const findings = await examineObjectStore({ ...place, endpoint: store.endpoint });
  return { findings, left: store.left(), no: findings.filter(({ outcome }) => outcome === "no") };
}

describe("an examination", () => {
  it("finds nothing wrong with a store that does all, and leaves nothing behind", async () => {
    const { findings, left } = await examine();
    assert.deepEqual(
      findings,
      names.map((check) => ({ check, outcome: "yes" })),
    );
    assert.deepEqual(left, []);
  });

  // A store that does these wrong fails other checks as well, or can't be asked the others.
  const alone = names.filter((name) => !["presigned-put", "multipart", "content-length"].includes(name));
  for (const name of alone)
    it(`finds a store that is lax about ${name}, and lax about nothing else`, async () => {
      const { no, left } = await examine(name);
      assert.deepEqual(
        no.map(({ check }) => check),
        [name],
      );
      if (name !== "permissions") assert.deepEqual(left, []);
    });

  it("says what it saw", async () => {
    const detailOf = async (...lax: StoreCheckName[]) =>
      (await examine(...lax)).findings.find(({ check }) => check === lax[0])?.detail;
    assert.equal(await detailOf("content-length"), "It took a longer body.");
    assert.match((await detailOf("clock")) ?? "", /^It is (59|60|61) s behind\.$/);
    assert.equal(await detailOf("permissions"), "Deleting answered 403 AccessDenied.");
    assert.match((await detailOf("cors")) ?? "", /^https:\/\/app\.example: the preflight .* \(403\)/);
    assert.equal(await detailOf("presigned-put"), "It answered 403 AccessDenied.");
    assert.equal(await detailOf("multipart"), "CreateMultipartUpload answered 501 NotImplemented.");
  });

  it("tells what could not be found out as that, and no refusal for it", async () => {
    const { findings } = await examine("multipart");
    const unknown = findings.filter(({ outcome }) => outcome === "unknown").map(({ check }) => check);
    assert.deepEqual(unknown, ["part-checksum", "complete-if-none-match"]);
    const withoutPuts = await examine("presigned-put");
    const none = withoutPuts.findings.find(({ check }) => check === "if-none-match");
    assert.equal(none?.outcome, "unknown");
  });

  it("throws where nothing answers", async () => {
    const gone = await startLaxS3(new Set());
    await gone[Symbol.asyncDispose]();
    await assert.rejects(examineObjectStore({ ...place, endpoint: gone.endpoint }), StoreUnavailableError);
  });
});
