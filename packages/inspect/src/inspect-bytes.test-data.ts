import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInspector, type InspectorOptions } from "./create-inspector.ts";
import type { Inspection, InspectionRequest, Inspector } from "./inspection.ts";

export const everyImage = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff", "image/avif"];

/** A test, or the whole file of tests, that says when it is over. */
export interface CleanedUp {
  after(cleanUp: () => void | Promise<void>): void;
}

/** A directory under the system's own, gone after the test. */
export function temporaryDirectory(test: CleanedUp): string {
  const directory = mkdtempSync(join(tmpdir(), "stowage-inspect-"));
  test.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The copies of files that an inspector has at the moment. */
export function copiesOf(inspector: { readonly temporaryDirectory: string }): string[] {
  return readdirSync(inspector.temporaryDirectory).filter((name) => name !== "inspection-decoders");
}

/** An inspector that is closed after the test. */
export function inspectorFor(
  test: CleanedUp,
  options: Partial<InspectorOptions> = {},
): Inspector & { readonly temporaryDirectory: string } {
  const directory = options.temporaryDirectory ?? temporaryDirectory(test);
  const inspector = createInspector({ ...options, temporaryDirectory: directory });
  test.after(() => inspector.close());
  return { ...inspector, temporaryDirectory: directory };
}

export function inspectBytes(
  inspector: Inspector,
  bytes: Uint8Array,
  declaredContentType: string,
  request: Partial<InspectionRequest> = {},
): Promise<Inspection> {
  return inspector.inspect({
    body: inPieces(bytes),
    declaredContentType,
    declaredSizeBytes: bytes.byteLength,
    allowedContentTypes: everyImage,
    derivatives: [],
    ...request,
  });
}

export async function* inPieces(bytes: Uint8Array, pieceBytes = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

export function assertAccepted(
  inspection: Inspection,
): asserts inspection is Extract<Inspection, { verdict: "accepted" }> {
  assert.equal(inspection.verdict, "accepted", JSON.stringify(inspection));
}

export function assertRejected(
  inspection: Inspection,
  code: string,
): asserts inspection is Extract<Inspection, { verdict: "rejected" }> {
  assert.equal(inspection.verdict, "rejected");
  assert.equal(inspection.code, code, inspection.detail);
}
