import assert from "node:assert/strict";
import { test } from "node:test";
import { storeError } from "../testing/index.contract.ts";
import { sourceOf } from "../testing/test-platform.contract.ts";
import { createCacheUnderTest, until } from "./cache-under-test.contract.ts";

const both = { derivatives: ["thumbnail", "original"] };

test("keeps thumbnails and originals, and gives them out without any network", async (t) => {
  const { cache, file, here, server, questions, clock } = await createCacheUnderTest(t);
  const ids = await Promise.all(["a", "b", "c"].map((name) => file(name)));
  assert.deepEqual(await cache.cache([...ids, ...ids], both), []);
  assert.equal(server.count("POST /v1/downloads"), 1);
  await until(() => clock.waitingMs.length > 0);
  const asked = questions();
  here.isOnline = false;
  assert.deepEqual(await cache.cached(ids[0] ?? "", "thumbnail"), {
    blob: { text: "thumbnail of a", type: "image/webp" },
    contentType: "image/webp",
    version: 1,
  });
  assert.equal((await cache.cached(ids[2] ?? "", "original"))?.blob.text, "bytes of c");
  assert.equal(await cache.cached(ids[0] ?? "", "preview"), undefined);
  assert.equal(questions(), asked);
});

test("says what is kept, as it is called now, how large it is and how long it can be read", async (t) => {
  const { cache, file, here, server, sender, pass, meet } = await createCacheUnderTest(t, { ttlMs: 10_000 });
  assert.deepEqual(await cache.kept(), { files: [], sizeBytes: 0, readableMs: 0 });
  const [old, young] = [await file("old"), await file("young")];
  await cache.cache([old, young], both);
  const names = async () => (await cache.kept()).files.map(({ name }) => name);
  assert.deepEqual(new Set(await names()), new Set(["old", "young"]));
  await sender.files.update(old, { name: "renamed" });
  meet();
  await until(async () => (await names()).includes("renamed"));
  here.isOnline = false;
  const { readableMs, sizeBytes } = await cache.kept();
  pass(4000);
  assert.equal((await cache.kept()).readableMs, readableMs - 4000);
  assert.equal(sizeBytes, "bytes of oldthumbnail of oldbytes of youngthumbnail of young".length);
  server.hide(young);
  here.isOnline = true;
  meet();
  await until(async () => (await names()).join() === "renamed");
  here.isOnline = false;
  pass(10_001);
  assert.deepEqual((await cache.kept()).files, []);
});

test("fetches nothing again that is kept, and does fetch another version", async (t) => {
  const { cache, file, fetched, sender, here } = await createCacheUnderTest(t);
  const id = await file("a");
  await cache.cache([id], both);
  await cache.cache([id], both);
  assert.equal(fetched.length, 2);
  await sender.upload(sourceOf("a", "second"), { replaces: { fileId: id, version: 1 } });
  assert.deepEqual(await cache.cache([id], { derivatives: ["original"] }), []);
  here.isOnline = false;
  assert.equal((await cache.cached(id, "original"))?.blob.text, "second");
});

test("says what could not be kept, and why", async (t) => {
  const { cache, file, server, store } = await createCacheUnderTest(t, { budgetBytes: 40 });
  const [fits, large, more] = [
    await file("a", "x".repeat(30)),
    await file("b", "y".repeat(41)),
    await file("c", "z".repeat(20)),
  ];
  const hidden = await file("d");
  server.hide(hidden);
  const notKept = await cache.cache([fits, large, "no-such-file", hidden, more], {
    derivatives: ["original"],
  });
  assert.deepEqual(
    notKept.map(({ fileId, derivative, code }) => [fileId, derivative, code]),
    [
      [large, "original", "too-large"],
      ["no-such-file", "original", "not-found"],
      [hidden, "original", "not-found"],
      [more, "original", "no-room"],
    ],
  );
  assert.deepEqual(
    (await store.list()).map(({ fileId }) => fileId),
    [fits],
  );
});

test("fetches what came wrong again, and keeps nothing that is not what the server tells of", async (t) => {
  let tries = 0;
  const answers = [
    { status: 503, text: "" },
    { status: 200, text: "bytes of" },
    { status: 200, text: "bytes of a" },
  ];
  const options = {
    fetchBytes: async () => {
      const { status, text } = answers[tries] ?? { status: 200, text: "bytes of b" };
      tries += 1;
      return { status, contentType: "", bytes: new Uint8Array(Buffer.from(text)) };
    },
  };
  const { cache, file, clock, store } = await createCacheUnderTest(t, options);
  const keep = async (id: string, derivative = "original") => {
    const kept = cache.cache([id], { derivatives: [derivative] });
    let isOver = false;
    void kept.finally(() => {
      isOver = true;
    });
    await until(() => {
      // The pauses before another try are the clock's; requests to the API have ten seconds and more.
      if (clock.waitingMs.some((ms) => ms <= 1000)) clock.advance(1000);
      return isOver;
    });
    return kept;
  };
  assert.deepEqual(await keep(await file("a")), []);
  assert.equal(tries, 3);
  const [bad, short] = [await file("c"), await file("d")];
  assert.deepEqual(
    (await keep(bad)).map(({ code }) => code),
    ["checksum-mismatch"],
  );
  assert.equal(tries, 6);
  assert.deepEqual(
    (await keep(short, "thumbnail")).map(({ code }) => code),
    ["size-mismatch"],
  );
  assert.ok((await store.list()).every(({ fileId }) => fileId !== bad && fileId !== short));
});

test("asks before it shows anything while there is a network, and shows nothing that is refused", async (t) => {
  const { cache, file, server, gone, store, here } = await createCacheUnderTest(t);
  const [stays, goes] = [await file("a"), await file("b")];
  await cache.cache([stays, goes], both);
  server.hide(goes);
  assert.equal(await cache.cached(goes, "thumbnail"), undefined);
  assert.ok(await cache.cached(stays, "thumbnail"));
  await until(() => gone.length > 0);
  assert.deepEqual(gone, [{ fileId: goes, reason: "refused" }]);
  assert.deepEqual([...new Set((await store.list()).map(({ fileId }) => fileId))], [stays]);
  here.isOnline = false;
  assert.equal(await cache.cached(goes, "original"), undefined);
});

for (const [what, reason] of [
  ["its right is taken away", "refused"],
  ["it is put into the trash", "refused"],
  ["it has another version", "changed"],
] as const)
  test(`takes what is shown away within 2 s once ${what}`, async (t) => {
    const { cache, file, server, sender, gone, store, clock, pass, questions } =
      await createCacheUnderTest(t);
    const [id, other] = [await file("a"), await file("b")];
    await cache.cache([id, other], both);
    assert.ok(await cache.cached(id, "original"));
    await until(() => clock.waitingMs.some((ms) => ms <= 2000));
    if (what.includes("right")) server.hide(id);
    else if (what.includes("trash")) await sender.files.remove(id);
    else await sender.upload(sourceOf("a", "second"), { replaces: { fileId: id, version: 1 } });
    const asked = questions();
    pass(Math.min(...clock.waitingMs.filter((ms) => ms > 0)));
    await until(() => gone.length > 0);
    assert.deepEqual(gone, [{ fileId: id, reason }]);
    assert.ok(questions() - asked <= 2, `${questions() - asked} questions`);
    assert.deepEqual([...new Set((await store.list()).map(({ fileId }) => fileId))], [other]);
  });

test("asks for next to nothing where nothing has changed, and nothing while nobody looks or nothing is used", async (t) => {
  const { cache, file, clock, pass, here, questions, questionsOf, server } = await createCacheUnderTest(t);
  const id = await file("a");
  await cache.cache([id], both);
  const round = async () => {
    const before = questions();
    await until(() => clock.waitingMs.some((ms) => ms <= 1200));
    pass(1200);
    await until(() => questions() > before && clock.waitingMs.some((ms) => ms <= 1200));
  };
  await round();
  await round();
  assert.equal(server.seen.at(-1)?.path, `/v1/files?ids=${id}`);
  here.isVisible = false;
  assert.equal(await questionsOf(3), 0, "nobody looks");
  here.isVisible = true;
  assert.ok(await cache.cached(id, "thumbnail"));
  await round();
  // Nothing has been read for five minutes: what is kept is not on a screen.
  pass(301_000);
  assert.equal(await questionsOf(3), 0, "nothing is in use");
});

test("asks after what is on the screen for as long as it is, whether or not it is kept", async (t) => {
  const { cache, file, clock, pass, server, questions } = await createCacheUnderTest(t);
  const id = await file("a");
  const told: string[] = [];
  const stop = cache.onGone(({ fileId, reason }) => told.push(`${fileId} ${reason}`), [id]);
  for (let round = 0; round < 3; round += 1) {
    const before = questions();
    await until(() => questions() > before || clock.waitingMs.some((ms) => ms <= 1200));
    pass(200_000);
  }
  server.hide(id);
  await until(() => {
    if (clock.waitingMs.some((ms) => ms <= 1200)) pass(1200);
    return told.length > 0;
  });
  assert.deepEqual(told.slice(0, 1), [`${id} refused`]);
  stop();
});

test("asks after everything that is kept at each contact, a hundred at a time", async (t) => {
  const { cache, file, server, here, meet, gone, clock } = await createCacheUnderTest(t);
  const ids = await Promise.all(Array.from({ length: 230 }, (_, index) => file(`f${index}`)));
  assert.deepEqual(await cache.cache(ids, { derivatives: ["thumbnail"] }), []);
  assert.equal(server.count("POST /v1/downloads"), 3);
  here.isOnline = false;
  await until(() => clock.waitingMs.some((ms) => ms <= 1200));
  const lost = new Set([ids[0], ids[115], ids[229]]);
  for (const id of lost) server.hide(id ?? "");
  here.isOnline = true;
  const before = server.seen.length;
  meet();
  await until(() => gone.length === 3);
  assert.deepEqual(new Set(gone.map(({ fileId }) => fileId)), lost);
  const asked = server.seen.slice(before).filter(({ path }) => path.startsWith("/v1/files?ids="));
  assert.ok(asked.every(({ path }) => path.split(",").length <= 100 && path.length < 4096));
});

test("shows what is kept as offline where the server does not answer in time, and takes it away once it does", async (t) => {
  let isHanging = false;
  const { cache, file, server, gone, clock, pass } = await createCacheUnderTest(t, {
    fault: ({ path }) => (isHanging && path.startsWith("/v1/files") ? "hang" : undefined),
  });
  const id = await file("a");
  await cache.cache([id], both);
  await until(() => clock.waitingMs.some((ms) => ms <= 1200));
  pass(5000);
  isHanging = true;
  server.hide(id);
  const shown = cache.cached(id, "thumbnail");
  let isOver = false;
  void shown.finally(() => {
    isOver = true;
  });
  await until(() => {
    if (clock.waitingMs.includes(1500)) pass(1500);
    return isOver;
  });
  assert.equal((await shown)?.blob.text, "thumbnail of a");
  isHanging = false;
  await until(() => {
    pass(60_000);
    return gone.length > 0;
  });
  assert.deepEqual(gone, [{ fileId: id, reason: "refused" }]);
});

for (const [who, token] of [
  ["nobody", undefined],
  ["whom the server does not take", "ended"],
] as const)
  test(`shows nothing to ${who} while there is a network, keeps it, and shows it once they have signed in`, async (t) => {
    const { cache, file, tokens, gone, store, pass, clock, questions, questionsOf } =
      await createCacheUnderTest(t);
    const id = await file("a");
    await cache.cache([id], both);
    assert.ok(await cache.cached(id, "thumbnail"));
    tokens.current = token;
    await until(() => {
      if (clock.waitingMs.some((ms) => ms <= 1200)) pass(1200);
      return gone.length > 0;
    });
    assert.deepEqual(gone, [{ fileId: id, reason: "not-signed-in" }]);
    // A token that is refused is refused 1.2 s later, too.
    assert.equal(await questionsOf(3), 0);
    const asked = questions();
    assert.equal(await cache.cached(id, "thumbnail"), undefined);
    assert.equal(questions(), asked);
    assert.equal((await store.list()).length, 2);
    tokens.current = "token";
    cache.signedIn();
    await until(async () => (await cache.cached(id, "thumbnail")) !== undefined);
  });

test("reads nothing for longer than its time without the server, whatever becomes of the device's clock", async (t) => {
  const ttlMs = 1_000_000;
  const { cache, open, file, here, pass, clock, gone, store } = await createCacheUnderTest(t, { ttlMs });
  const id = await file("a");
  await cache.cache([id], both);
  here.isOnline = false;
  pass(ttlMs - 100_000);
  assert.ok(await cache.cached(id, "thumbnail"));
  // Set back by a year while the program runs: what it sees to pass counts.
  here.wallMs -= 31_536_000_000;
  clock.advance(99_000);
  assert.ok(await cache.cached(id, "thumbnail"));
  clock.advance(2000);
  assert.equal(await cache.cached(id, "thumbnail"), undefined);
  await until(() => gone.length > 0);
  assert.deepEqual(gone, [{ fileId: id, reason: "expired" }]);
  assert.deepEqual(await store.list(), []);
  // As with the next start.
  assert.equal(await open().cached(id, "thumbnail"), undefined);
});

test("an answer of the server begins a file's time anew", async (t) => {
  const ttlMs = 1_000_000;
  const { cache, file, here, pass, clock, store } = await createCacheUnderTest(t, { ttlMs });
  const id = await file("a");
  await cache.cache([id], both);
  pass(ttlMs - 1000);
  await until(async () => {
    if (clock.waitingMs.some((ms) => ms <= 1200)) pass(1);
    assert.ok(await cache.cached(id, "thumbnail"));
    return (await store.list()).every(({ checkedAtMs }) => checkedAtMs > 0);
  });
  here.isOnline = false;
  pass(ttlMs / 2);
  assert.ok(await cache.cached(id, "thumbnail"));
});

test("gives what could run in a page no type that a browser would run it by", async (t) => {
  const types = [
    ["image/svg+xml", "application/octet-stream"],
    ["text/html", "application/octet-stream"],
    ["application/pdf", "application/octet-stream"],
    ["image/png", "image/png"],
    ["video/mp4", "video/mp4"],
  ] as const;
  const { cache, file, here } = await createCacheUnderTest(t, {
    contentTypes: ["image/jpeg", ...types.map(([contentType]) => contentType)],
  });
  for (const [contentType, shown] of types) {
    here.isOnline = true;
    const id = await file(contentType, "bytes", contentType);
    assert.deepEqual(await cache.cache([id], { derivatives: ["original"] }), []);
    here.isOnline = false;
    const found = await cache.cached(id, "original");
    assert.deepEqual([found?.blob.type, found?.contentType], [shown, contentType]);
  }
});

test("gives URLs that are minted together, given out again, and renewed before their end", async (t) => {
  const { cache, file, pass, server } = await createCacheUnderTest(t);
  const ids = await Promise.all(["a", "b", "c"].map((name) => file(name)));
  const urls = () => Promise.all(ids.map((id) => cache.url(id, { derivative: "thumbnail" })));
  const first = await urls();
  assert.equal(server.count("POST /v1/downloads"), 1);
  assert.equal(first[0]?.expiresInMs, 600_000);
  pass(470_000);
  assert.deepEqual(
    (await urls()).map(({ url }) => url),
    first.map(({ url }) => url),
  );
  assert.equal(server.count("POST /v1/downloads"), 1);
  pass(11_000);
  const next = await urls();
  assert.equal(server.count("POST /v1/downloads"), 2);
  assert.notEqual(next[0]?.url, first[0]?.url);
  assert.equal(await (await fetch(next[0]?.url ?? "")).text(), "thumbnail of a");
  await assert.rejects(cache.url("no-such-file"), { code: "not-found" });
});

test("forgets what it is told to, and another person's nothing", async (t) => {
  const { cache, file, here, store } = await createCacheUnderTest(t);
  const [a, b, c] = [await file("a"), await file("b"), await file("c")];
  await cache.cache([a, b, c], both);
  await cache.uncache([a]);
  here.isOnline = false;
  assert.equal(await cache.cached(a, "thumbnail"), undefined);
  assert.ok(await cache.cached(b, "thumbnail"));
  await cache.uncache();
  assert.deepEqual(await store.list(), []);
});

test("stops when it is told to: a call that is under way is aborted", async (t) => {
  const { cache, file } = await createCacheUnderTest(t, {
    fault: ({ path, method }) => (method === "GET" && path.startsWith("/bucket/") ? "hang" : undefined),
  });
  const id = await file("a");
  const kept = cache.cache([id], both);
  await until(() => true);
  cache.close();
  await assert.rejects(kept, { code: "aborted" });
  await assert.rejects(cache.cached(id, "thumbnail"), { code: "aborted" });
});

test("a store that refuses for good is said for each file", async (t) => {
  const { cache, file, clock } = await createCacheUnderTest(t, {
    fault: ({ path, method }) =>
      method === "GET" && path.startsWith("/bucket/") ? storeError(404, "NoSuchKey") : undefined,
  });
  const id = await file("a");
  const kept = cache.cache([id], both);
  let isOver = false;
  void kept.finally(() => {
    isOver = true;
  });
  await until(() => {
    if (clock.waitingMs.some((ms) => ms <= 1000)) clock.advance(1000);
    return isOver;
  });
  assert.deepEqual(
    (await kept).map(({ code }) => code),
    ["store-refused", "store-refused"],
  );
});
