import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { textOf } from "../../harness/read-xml.ts";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import {
  complete,
  compositeOf,
  createMultipart,
  fullPart,
  listParts,
  minPartBytes,
  putPart,
  sendPart,
} from "../multipart-upload.ts";
import { assertAbsent, assertOk, assertRefused, requiredText } from "../s3-session.ts";

const guide = "UserGuide checking-object-integrity-upload: multipart uploads";
const digestOf = (algorithm: string, content: Uint8Array | string): string =>
  createHash(algorithm).update(content).digest("base64");

function crc32Of(content: Uint8Array | string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(content));
  return bytes.toString("base64");
}

const asked = (algorithm: string, type?: string) => ({
  "x-amz-checksum-algorithm": algorithm,
  ...(type !== undefined && { "x-amz-checksum-type": type }),
});

const composite: ConformanceCase[] = (["sha256", "sha1"] as const).map((algorithm) => ({
  name: `the composite ${algorithm} of an upload is that of its parts', with their number`,
  source: `${guide}; s3-tests test_multipart_checksum_sha256`,
  async run(s3) {
    const key = s3.newKey();
    const bodies = [fullPart, Buffer.from("the end")];
    const name = `x-amz-checksum-${algorithm}`;
    const element = `Checksum${algorithm.toUpperCase()}`;
    const uploadId = await createMultipart(s3, key, asked(algorithm.toUpperCase()));
    const parts = [];
    for (const [index, body] of bodies.entries()) {
      const value = digestOf(algorithm, body);
      const part = await putPart(s3, key, uploadId, index + 1, body, { [name]: value });
      parts.push({ ...part, more: `<${element}>${value}</${element}>` });
    }
    const answer = await complete(s3, key, uploadId, parts);
    assertOk(answer);
    const expected = compositeOf(algorithm, "base64", bodies);
    assert.equal(requiredText(answer, element), expected);
    assert.equal(requiredText(answer, "ChecksumType"), "COMPOSITE");
    const { headers } = await s3.head(key, { "x-amz-checksum-mode": "ENABLED" });
    assert.equal(headers[name], expected);
    assert.equal(headers["x-amz-checksum-type"], "COMPOSITE");
  },
}));

const others: ConformanceCase[] = [
  {
    name: "a part with another's checksum is refused",
    source: `${guide}; ErrorResponses BadDigest`,
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key, asked("SHA256"));
      const headers = { "x-amz-checksum-sha256": digestOf("sha256", "else") };
      assertRefused(await sendPart(s3, key, uploadId, 1, "x", headers), 400, "BadDigest");
      const listed = await listParts(s3, key, uploadId);
      assert.equal(textOf(listed.text, "PartNumber"), undefined);
    },
  },
  {
    name: "the parts' checksums are listed",
    source: "API_ListParts ChecksumSHA256, ChecksumAlgorithm",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key, asked("SHA256"));
      const sha256 = digestOf("sha256", "x");
      await putPart(s3, key, uploadId, 1, "x", { "x-amz-checksum-sha256": sha256 });
      const listed = await listParts(s3, key, uploadId);
      assertOk(listed);
      assert.equal(requiredText(listed, "ChecksumSHA256"), sha256);
      assert.equal(requiredText(listed, "ChecksumAlgorithm"), "SHA256");
    },
  },
  {
    name: "a completion that names a part with another's checksum is refused",
    source: `${guide}; ErrorResponses InvalidPart`,
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key, asked("SHA256"));
      const headers = { "x-amz-checksum-sha256": digestOf("sha256", "x") };
      const part = await putPart(s3, key, uploadId, 1, "x", headers);
      const more = `<ChecksumSHA256>${digestOf("sha256", "else")}</ChecksumSHA256>`;
      assertRefused(await complete(s3, key, uploadId, [{ ...part, more }]), 400, "InvalidPart");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "a completion with another's composite checksum is refused",
    source: "API_CompleteMultipartUpload x-amz-checksum-sha256; ErrorResponses BadDigest",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key, asked("SHA256"));
      const value = digestOf("sha256", "x");
      const part = await putPart(s3, key, uploadId, 1, "x", { "x-amz-checksum-sha256": value });
      const more = `<ChecksumSHA256>${value}</ChecksumSHA256>`;
      const wrong = { "x-amz-checksum-sha256": `${digestOf("sha256", "else")}-1` };
      assertRefused(await complete(s3, key, uploadId, [{ ...part, more }], wrong), 400, "BadDigest");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "a completion of a size that the parts do not have is refused",
    source: "API_CompleteMultipartUpload x-amz-mp-object-size: 400 InvalidRequest where it differs",
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key);
      const part = await putPart(s3, key, uploadId, 1, "x");
      const answer = await complete(s3, key, uploadId, [part], { "x-amz-mp-object-size": "2" });
      assertRefused(answer, 400, "InvalidRequest");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "the full object's crc32 is made from the parts'",
    source: `${guide}: FULL_OBJECT; s3-tests test_multipart_use_cksum_helper_crc32`,
    async run(s3) {
      const key = s3.newKey();
      const bodies = [fullPart, Buffer.from("the end")];
      const uploadId = await createMultipart(s3, key, asked("CRC32", "FULL_OBJECT"));
      const parts = [];
      for (const [index, body] of bodies.entries())
        parts.push(
          await putPart(s3, key, uploadId, index + 1, body, { "x-amz-checksum-crc32": crc32Of(body) }),
        );
      const expected = crc32Of(Buffer.concat(bodies));
      const answer = await complete(s3, key, uploadId, parts, {
        "x-amz-checksum-crc32": expected,
        "x-amz-checksum-type": "FULL_OBJECT",
        "x-amz-mp-object-size": String(minPartBytes + 7),
      });
      assertOk(answer);
      assert.equal(requiredText(answer, "ChecksumCRC32"), expected);
      assert.equal(requiredText(answer, "ChecksumType"), "FULL_OBJECT");
      const { headers } = await s3.head(key, { "x-amz-checksum-mode": "ENABLED" });
      assert.equal(headers["x-amz-checksum-crc32"], expected);
      assert.equal(headers["x-amz-checksum-type"], "FULL_OBJECT");
    },
  },
  {
    name: "another's crc32 of the full object is refused",
    source: `${guide}: FULL_OBJECT; ErrorResponses BadDigest`,
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key, asked("CRC32", "FULL_OBJECT"));
      const part = await putPart(s3, key, uploadId, 1, "x", { "x-amz-checksum-crc32": crc32Of("x") });
      const answer = await complete(s3, key, uploadId, [part], {
        "x-amz-checksum-crc32": crc32Of("else"),
        "x-amz-checksum-type": "FULL_OBJECT",
      });
      assertRefused(answer, 400, "BadDigest");
      await assertAbsent(s3, key);
    },
  },
  {
    name: "the full object's crc64nvme is the algorithm's own kind",
    source: `${guide}: CRC64NVME is always FULL_OBJECT; s3-tests test_multipart_use_cksum_helper_crc64nvme`,
    async run(s3) {
      const key = s3.newKey();
      const uploadId = await createMultipart(s3, key, asked("CRC64NVME"));
      const crc64nvme = Buffer.from("ae8b14860a799888", "hex").toString("base64");
      const headers = { "x-amz-checksum-crc64nvme": crc64nvme };
      const part = await putPart(s3, key, uploadId, 1, "123456789", headers);
      const answer = await complete(s3, key, uploadId, [part]);
      assertOk(answer);
      assert.equal(requiredText(answer, "ChecksumCRC64NVME"), crc64nvme);
      assert.equal(requiredText(answer, "ChecksumType"), "FULL_OBJECT");
    },
  },
  {
    name: "an algorithm that has no full object's checksum can't be asked for one",
    source: `${guide}: SHA-1 and SHA-256 are COMPOSITE only; ErrorResponses InvalidRequest`,
    async run(s3) {
      const query = { uploads: "" };
      const answer = await s3.send("POST", s3.newKey(), { query, headers: asked("SHA256", "FULL_OBJECT") });
      assertRefused(answer, 400, "InvalidRequest");
    },
  },
  {
    name: "an algorithm that does not exist can't be asked for",
    source: "API_CreateMultipartUpload x-amz-checksum-algorithm; ErrorResponses InvalidRequest",
    async run(s3) {
      const answer = await s3.send("POST", s3.newKey(), { query: { uploads: "" }, headers: asked("MD4") });
      assertRefused(answer, 400, "InvalidRequest");
    },
  },
];

export const multipartChecksums: ConformanceGroup = {
  operation: "Multipart uploads: checksums",
  cases: [...composite, ...others],
};
