import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultProfile } from "../profile.ts";
import { completeUpload } from "./complete-upload.ts";
import type { FileIntent } from "./decide-intent.ts";
import { mintDownloads } from "./mint-downloads.ts";
import { createOneMachine, type OneMachine } from "./one-machine.testing.ts";
import { processUpload } from "./process-upload.ts";

async function send(
  machine: OneMachine,
  person: { id: string },
  text: string,
  more: Partial<FileIntent>,
): Promise<string> {
  const bytes = Buffer.from(text);
  const { id, fileId, request } = await machine.announce(person, bytes, undefined, more);
  await machine.objects.receive(request, bytes);
  await completeUpload(machine.services, person, id);
  assert.equal((await processUpload(machine.worker, await machine.claim())).outcome, "ready");
  return fileId;
}

const shown = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"];
const saved = ["image/tiff", "application/pdf", "video/mp4"];

test("of originals only pictures that a browser shows without running anything are given out inline, and only when asked for", async () => {
  for (const setsSecurityHeaders of [true, false]) {
    const machine = createOneMachine({ capabilities: { setsSecurityHeaders } });
    const ann = await machine.person("ann");
    for (const contentType of [...shown, ...saved]) {
      const id = await send(machine, ann, contentType, { contentType, name: "a file" });
      const dispositionOf = async (disposition: "inline" | "attachment" | undefined, derivative?: string) => {
        const [answer] = await mintDownloads(machine.services, ann, [{ id, disposition, derivative }]);
        assert.ok(answer && "request" in answer);
        const { headers } = await machine.objects.fetchBytes(answer.request);
        return headers.get("content-disposition")?.split(";")[0];
      };
      const isShown = setsSecurityHeaders && shown.includes(contentType);
      assert.equal(await dispositionOf("inline"), isShown ? "inline" : "attachment", contentType);
      assert.equal(await dispositionOf("attachment"), "attachment");
      assert.equal(await dispositionOf(undefined), "attachment");
      assert.equal(await dispositionOf(undefined, "thumbnail"), "inline", "we made it ourselves");
    }
  }
});

test("what a browser could run comes under no type of its own, whatever a profile lets in", async () => {
  const dangerous = [
    ...["text/html", "image/svg+xml", "application/xhtml+xml", "application/xml", "text/javascript"],
    ...["application/wasm", "text/css", "text/plain", "multipart/related", "application/x-shockwave-flash"],
  ];
  const profile = { ...defaultProfile, maxSizeBytesByType: new Map(dangerous.map((type) => [type, 1000])) };
  const machine = createOneMachine({ profiles: new Map([["default", profile]]) });
  const ann = await machine.person("ann");
  for (const contentType of dangerous) {
    const id = await send(machine, ann, contentType, { contentType, name: "a file" });
    const [answer] = await mintDownloads(machine.services, ann, [{ id, disposition: "inline" }]);
    assert.ok(answer && "request" in answer);
    const { headers } = await machine.objects.fetchBytes(answer.request);
    assert.equal(headers.get("content-type"), "application/octet-stream", contentType);
    assert.match(headers.get("content-disposition") ?? "", /^attachment;/, contentType);
  }
});

test("versions of several files that are asked for at once are each that file's", async () => {
  const machine = createOneMachine();
  const ann = await machine.person("ann");
  const ids: string[] = [];
  for (const name of ["one", "two", "three"]) {
    const fileId = await send(machine, ann, `${name} 1`, {});
    for (const version of [2, 3])
      await send(machine, ann, `${name} ${version}`, { replaces: { fileId, version: version - 1 } });
    ids.push(fileId);
  }
  const wanted = [3, 1, 2].flatMap((version) => ids.map((id) => ({ id, version })));
  const answers = await mintDownloads(machine.services, ann, wanted);
  const texts = await Promise.all(
    answers.map(async (answer) => {
      assert.ok("request" in answer);
      return Buffer.from((await machine.objects.fetchBytes(answer.request)).bytes).toString();
    }),
  );
  assert.deepEqual(
    texts,
    [3, 1, 2].flatMap((version) => ["one", "two", "three"].map((name) => `${name} ${version}`)),
  );
});
