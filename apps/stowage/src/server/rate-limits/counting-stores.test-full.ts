import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { OpenRateLimiter } from "@stowage/api";
import { readConfiguration } from "../configuration.ts";
import { checkRateLimitStore } from "../doctor/check-rate-limit-store.ts";
import { openRateLimiters } from "./open-rate-limiters.ts";
import { startPostgres } from "./start-postgres.testing.ts";
import { type StoreServer, startRedis } from "./start-redis.testing.ts";

type Opened = { readonly open: OpenRateLimiter; close(): Promise<void> };

for (const [what, startServer] of [
  ["Redis", startRedis],
  ["PostgreSQL", startPostgres],
] as const)
  describe(`a real ${what}`, () => {
    let server: StoreServer;
    const opened: Opened[] = [];
    const said: unknown[] = [];
    before(async () => {
      server = await startServer();
    });
    after(async () => {
      for (const each of opened) await each.close();
      await server?.stop();
    });

    /** As one more process does at its start. */
    const open = async (url = server.url): Promise<OpenRateLimiter> => {
      const limiters = await openRateLimiters(url, {
        warn: (...words: unknown[]) => void said.push(words),
      });
      assert.ok(limiters);
      opened.push(limiters);
      return limiters.open;
    };
    const diagnose = async (url = server.url) => {
      const { values } = await readConfiguration("/nonexistent", [`limits.store=${url}`]);
      return checkRateLimitStore(values);
    };

    it("counts what two processes take as one, exactly, also where all of it comes at once", async () => {
      // On a machine that is slow for half a second processes count by themselves, as another test says: then once more.
      for (let round = 1; ; round += 1) {
        said.length = 0;
        const [one, other] = [(await open())("creates", 50), (await open())("creates", 50)];
        const [ann, bob, carol] = [`ann ${round}`, `bob ${round}`, `carol ${round}`];
        const taken = await Promise.all(
          Array.from({ length: 80 }, (_, index) => (index % 2 ? one : other).take(ann, 1)),
        );
        const of50 = await one.take(bob, 50);
        const of51 = await other.take(carol, 51);
        const again = await one.take(carol, 50);
        if (said.length > 0 && round < 5) continue;
        assert.deepEqual(said, []);
        assert.equal(taken.filter(({ granted }) => granted).length, 50);
        assert.ok(taken.every(({ resetsInMs }) => resetsInMs > 0 && resetsInMs <= 60_000));
        assert.equal(of50.granted, true);
        assert.equal(of51.granted, false);
        assert.equal(again.granted, true, "what was refused has spent nothing");
        return;
      }
    });

    it("answers what is refused for good from memory", async () => {
      const requests = (await open())("requests", 2);
      for (const granted of [true, true, false, false, false])
        assert.equal((await requests.take("ann", 1)).granted, granted);
    });

    it("is asked no more while it hangs: requests are counted, not refused, and wait for half a second at most", async () => {
      const requests = (await open())("addresses", 1000);
      await requests.take("192.0.2.1", 1);
      said.length = 0;
      server.signal("SIGSTOP");
      try {
        const startMs = performance.now();
        const taken = await Promise.all(Array.from({ length: 20 }, () => requests.take("192.0.2.1", 1)));
        assert.ok(taken.every(({ granted }) => granted));
        assert.ok(performance.now() - startMs < 3000);
        const laterMs = performance.now();
        assert.equal((await requests.take("192.0.2.1", 1)).granted, true);
        assert.ok(performance.now() - laterMs < 200, "left alone");
        assert.equal(said.length, 1);
        const diagnosis = await diagnose();
        assert.equal(diagnosis?.status, "warning");
        assert.doesNotMatch(JSON.stringify(diagnosis), new RegExp(server.password));
      } finally {
        server.signal("SIGCONT");
      }
    });

    it("may be away, from the start or later: nobody is refused for it, and it counts again once it is back", async () => {
      await server.kill();
      said.length = 0;
      const requests = (await open())("requests", 1000);
      assert.equal((await requests.take("late", 1)).granted, true);
      assert.equal(said.length, 1);
      await server.start();
      assert.equal((await diagnose())?.status, "ok");
      for (let tries = 0; said.length < 2 && tries < 200; tries += 1) {
        await delay(100);
        await requests.take("late", 1);
      }
      assert.equal(said.length, 2, "it is said that it is back");
    });

    it("tells its password to nobody, where it is wrong least of all", async () => {
      said.length = 0;
      const wrong = server.url.replace(server.password, "another-password-that-is-wrong");
      const requests = (await open(wrong))("requests", 10);
      assert.equal((await requests.take("ann", 1)).granted, true);
      const diagnosis = await diagnose(wrong);
      assert.equal(diagnosis?.status, "warning");
      assert.equal(said.length, 1);
      assert.doesNotMatch(JSON.stringify([said, diagnosis]), /another-password/);
      assert.match(JSON.stringify(said), /WRONGPASS|authentication failed/);
    });
  });
