import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInspector } from "@stowage/inspect";
import { type Diagnosis, failed, ok, sentenceOf } from "./diagnosis.ts";

/** A picture of one grey pixel. */
const onePixelPng = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
  "base64",
);

/** Whether pictures can be decoded on this machine, as the worker does it: in a process of their own. */
export async function checkDecoders(): Promise<Diagnosis> {
  const check = "decoders";
  const temporaryDirectory = await mkdtemp(join(tmpdir(), "stowage-doctor-"));
  try {
    const inspector = createInspector({ temporaryDirectory, decodeTimeoutMs: 20_000, sandbox: "none" });
    try {
      const inspection = await inspector.inspect({
        body: bodyOf(onePixelPng),
        declaredContentType: "image/png",
        declaredSizeBytes: onePixelPng.byteLength,
        allowedContentTypes: ["image/png"],
        derivatives: [],
      });
      if (inspection.verdict === "rejected") throw new Error(inspection.detail);
      return ok(check, "Pictures can be decoded.");
    } finally {
      await inspector.close();
    }
  } catch (error) {
    return failed(
      check,
      `A picture can't be decoded here: ${sentenceOf(error)}`,
      "Install the dependencies again (npm ci) on this machine, not on another.",
    );
  } finally {
    await rm(temporaryDirectory, { recursive: true, force: true });
  }
}

async function* bodyOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
