import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { AuditEventRecord } from "../audit-event.ts";
import { auditHash, chainStart, makeAuditLinks } from "./audit-chain.ts";
import { type AuditCheckpoint, createAuditVerification } from "./verify-audit.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const eventArbitrary = fc.record({
  actor: fc.constantFrom("system", "ann", "bob"),
  action: fc.constantFrom("file.changed" as const, "upload.created" as const),
  targetId: fc.constantFrom("a", "b"),
  detail: fc.option(fc.constantFrom('{"count":1}', "{}"), { nil: undefined }),
  sealedBy: fc.option(fc.constantFrom("album-1", "album-2"), { nil: undefined }),
  chain: fc.constantFrom("", "org-1", "org-2"),
});

/** A log as the sequencer leaves it, in batches of any size. */
const logArbitrary = fc
  .tuple(fc.array(eventArbitrary, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 5 }))
  .map(([asked, batch]) => {
    const log: AuditEventRecord[] = [];
    const heads = new Map<string, ReturnType<typeof makeAuditLinks>[number]>();
    for (let at = 0; at < asked.length; at += batch) {
      const events = asked.slice(at, at + batch).map(({ detail, sealedBy, ...event }, index) => ({
        ...event,
        sequence: at + index + 1,
        atMs: 1000 + at,
        ...(detail === undefined ? {} : { detail }),
        ...(sealedBy === undefined ? {} : { sealedBy }),
      }));
      const links = makeAuditLinks(sha256, [...heads.values()], events);
      for (const [index, { chain: _, ...event }] of events.entries()) {
        const linked = links[index] ?? assert.fail();
        const { sequence: __, ...link } = linked;
        heads.set(link.chain, linked);
        log.push({ ...event, link });
      }
    }
    return log;
  });

const headsOf = (log: readonly AuditEventRecord[]): AuditCheckpoint[] => {
  const heads = new Map<string, AuditCheckpoint>();
  for (const { link, atMs } of log) if (link) heads.set(link.chain, { ...link, atMs });
  const extent = { sequence: log.at(-1)?.sequence ?? 0, count: log.length };
  return [...heads.values()].map((head) => ({ ...head, extent }));
};

function verify(
  log: readonly AuditEventRecord[],
  checkpoints: readonly AuditCheckpoint[] = [],
  recorded: { lastSequence?: number } = {},
) {
  const verification = createAuditVerification({ sha256, checkpoints });
  for (const event of log) verification.add(event);
  return verification.end(recorded);
}

test("nothing is found in a log that nobody touched, however many chains and checkpoints it has", () => {
  fc.assert(
    fc.property(logArbitrary, fc.nat(), (log, cut) => {
      const checkpoints = [...headsOf(log.slice(0, cut % log.length)), ...headsOf(log)];
      const { faults, faultCount, eventCount, chains, uncoveredSinceMs } = verify(log, checkpoints, {
        lastSequence: log.length,
      });
      assert.deepEqual(
        { faults, faultCount, eventCount },
        { faults: [], faultCount: 0, eventCount: log.length },
      );
      assert.equal(uncoveredSinceMs, undefined);
      for (const { number, coveredNumber } of chains) assert.equal(coveredNumber, number);
    }),
  );
});

/** What somebody does to a log who can write to the database, as far as it leaves another log. */
const tamperings: Readonly<Record<string, (log: AuditEventRecord[], at: number, with_: number) => void>> = {
  "another actor": (log, at) => replace(log, at, (event) => ({ ...event, actor: `${event.actor}!` })),
  "another action": (log, at) => replace(log, at, (event) => ({ ...event, action: "file.purged" })),
  "another target": (log, at) => replace(log, at, (event) => ({ ...event, targetId: "c" })),
  "another time": (log, at) => replace(log, at, (event) => ({ ...event, atMs: event.atMs - 1 })),
  "another detail": (log, at) => replace(log, at, (event) => ({ ...event, detail: '{"count":2}' })),
  "another seal": (log, at) => replace(log, at, (event) => ({ ...event, sealedBy: "album-3" })),
  "no seal": (log, at) => replace(log, at, ({ sealedBy: _, ...event }) => event),
  "another chain": (log, at) => relink(log, at, { chain: "org-3" }),
  "another number": (log, at) => relink(log, at, { number: 17 }),
  "another hash": (log, at) => relink(log, at, { hash: "ab".repeat(32) }),
  "no link": (log, at) => replace(log, at, ({ link: _, ...event }) => event),
  "a deletion": (log, at) => void log.splice(at, 1),
  "a truncation": (log, at) => void log.splice(at),
  "a swap of two events": (log, at, with_) => {
    const [one, other] = [log[at], log[with_]];
    if (!one || !other) return;
    [log[at], log[with_]] = [other, one];
  },
  "a swap of what two events say": (log, at, with_) => {
    const [one, other] = [log[at], log[with_]];
    if (!one || !other) return;
    log[at] = { ...other, sequence: one.sequence };
    log[with_] = { ...one, sequence: other.sequence };
  },
  "an event put in, the later ones numbered anew": (log, at) => {
    const event = log[at] ?? assert.fail();
    log.splice(at, 0, { ...event, actor: "mallory" });
    for (let index = at + 1; index < log.length; index += 1)
      replace(log, index, (each) => ({ ...each, sequence: each.sequence + 1 }));
  },
  "a deletion, the later ones numbered and linked anew": (log, at) => {
    log.splice(at, 1);
    linkAnew(log);
  },
  "another actor, and all linked anew": (log, at) => {
    replace(log, at, (event) => ({ ...event, actor: "mallory" }));
    linkAnew(log);
  },
};

function replace(log: AuditEventRecord[], at: number, change: (event: AuditEventRecord) => AuditEventRecord) {
  log[at] = change(log[at] ?? assert.fail());
}

function relink(log: AuditEventRecord[], at: number, link: Partial<AuditEventRecord["link"]>) {
  replace(log, at, (event) => ({ ...event, link: { ...(event.link ?? assert.fail()), ...link } }));
}

function linkAnew(log: AuditEventRecord[]) {
  const events = log.map(({ link, ...event }, index) => ({
    ...event,
    sequence: index + 1,
    chain: link?.chain ?? "",
  }));
  for (const [index, { sequence, ...link }] of makeAuditLinks(sha256, [], events).entries())
    replace(log, index, (event) => ({ ...event, sequence, link }));
}

for (const [what, tamper] of Object.entries(tamperings))
  test(`${what} is found in a log with checkpoints of its end`, () => {
    fc.assert(
      fc.property(logArbitrary, fc.nat(), fc.nat(), (log, at, with_) => {
        const tampered = [...log];
        tamper(tampered, at % log.length, with_ % log.length);
        fc.pre(JSON.stringify(tampered) !== JSON.stringify(log));
        const { faults, faultCount } = verify(tampered, headsOf(log), { lastSequence: log.length });
        assert.ok(faults.length > 0);
        assert.ok(faultCount >= faults.length);
      }),
      { numRuns: 200 },
    );
  });

const [first, second, third] = [1, 2, 3].map((sequence) => ({
  sequence,
  atMs: sequence * 1000,
  actor: "ann",
  action: "file.changed" as const,
  targetId: "a",
}));
const three = linked([first ?? assert.fail(), second ?? assert.fail(), third ?? assert.fail()]);

function linked(events: readonly Omit<AuditEventRecord, "link">[]): AuditEventRecord[] {
  const log: AuditEventRecord[] = [...events];
  linkAnew(log);
  return log;
}

const kindsOf = (log: readonly AuditEventRecord[], checkpoints: readonly AuditCheckpoint[] = []) =>
  verify(log, checkpoints).faults.map((fault) =>
    "sequence" in fault ? `${fault.kind} ${fault.sequence}` : fault.kind,
  );

test("the event that was changed is named, and none that was not", () => {
  const log = [...three];
  replace(log, 1, (event) => ({ ...event, targetId: "b" }));
  assert.deepEqual(kindsOf(log), ["changed 2"]);
});

test("an event that is gone is named once by what is missing, and by the gap in its chain", () => {
  const log = three.filter(({ sequence }) => sequence !== 2);
  assert.deepEqual(kindsOf(log), ["missing", "misplaced 3"]);
  assert.deepEqual(verify(log).faults[0], { kind: "missing", fromSequence: 2, toSequence: 2 });
});

test("a log that ends before a checkpoint, and one that is another than its checkpoint says, are told apart", () => {
  const checkpoints = headsOf(three);
  assert.deepEqual(kindsOf(three.slice(0, 2), checkpoints), ["truncated"]);
  const other = linked(three.map(({ link: _, ...event }) => ({ ...event, actor: "bob" })));
  assert.deepEqual(kindsOf(other, checkpoints), ["rewritten"]);
});

test("an event that is there twice is named, whether it has a link or not", () => {
  const [, second = assert.fail()] = three;
  assert.deepEqual(kindsOf([...three.slice(0, 2), second]), ["out-of-order 2", "misplaced 2"]);
  const { link: _, ...waiting } = { ...second, sequence: 4 };
  assert.deepEqual(kindsOf([...three, waiting, waiting]), ["out-of-order 4"]);
});

test("a chain that ends before the last of several checkpoints is told once, by that one", () => {
  const checkpoints = three.flatMap((event) => headsOf([event]));
  for (const given of [checkpoints, checkpoints.toReversed()]) {
    const { faults } = verify(three.slice(0, 1), given);
    assert.deepEqual(faults, [
      { kind: "truncated", lastNumber: 1, lastSequence: 1, checkpoint: checkpoints[2] },
    ]);
  }
});

test("fewer events, or more, up to the sequence that a checkpoint names are told once", () => {
  const [checkpoint] = headsOf(three);
  assert.ok(checkpoint);
  const { extent: _, ...plain } = checkpoint;
  const verifyWith = (...extents: readonly { sequence: number; count: number }[]) =>
    verify(
      three,
      extents.map((extent) => ({ ...plain, extent })),
    ).faults;
  assert.deepEqual(
    verifyWith({ sequence: 0, count: 0 }, { sequence: 2, count: 2 }, { sequence: 3, count: 3 }),
    [],
  );
  const [few, many] = [
    { sequence: 2, count: 3 },
    { sequence: 3, count: 2 },
  ];
  assert.deepEqual(verifyWith(few), [{ kind: "other-extent", count: 2, extent: few }]);
  assert.deepEqual(verifyWith(many), [{ kind: "other-extent", count: 3, extent: many }]);
  assert.deepEqual(verifyWith(many, few), [{ kind: "other-extent", count: 2, extent: few }]);
});

test("a position that the database has written down and that is not the last event's with a link is told", () => {
  const at = (linkedSequence: number) => {
    const verification = createAuditVerification({ sha256, checkpoints: [] });
    for (const event of three) verification.add(event);
    return verification.end({ linkedSequence }).faults;
  };
  assert.deepEqual(at(3), []);
  for (const recordedSequence of [2, 4])
    assert.deepEqual(at(recordedSequence), [{ kind: "other-position", recordedSequence, linkedSequence: 3 }]);
});

test("heads that the database has written down and that are not the log's ends are told", () => {
  const heads = headsOf(three).map(({ chain, number, hash }) => ({ chain, number, hash }));
  const verifyWith = (recorded: typeof heads, log = three) => {
    const verification = createAuditVerification({ sha256, checkpoints: [] });
    for (const event of log) verification.add(event);
    return verification.end({ heads: recorded }).faults.map(({ kind }) => kind);
  };
  assert.deepEqual(verifyWith(heads), []);
  assert.deepEqual(verifyWith([]), ["other-head"]);
  assert.deepEqual(verifyWith(heads, three.slice(0, 2)), ["other-head"]);
  assert.deepEqual(verifyWith(heads.map((head) => ({ ...head, hash: "ab".repeat(32) }))), ["other-head"]);
});

test("events that wait for their link at the end are counted, and one before a linked event is a fault", () => {
  const waiting = { ...(third ?? assert.fail()), sequence: 4, atMs: 4000 };
  const { faults, unchainedCount, unchainedSinceMs } = verify([...three, waiting]);
  assert.deepEqual(
    { faults, unchainedCount, unchainedSinceMs },
    { faults: [], unchainedCount: 1, unchainedSinceMs: 4000 },
  );
  const log = [...three];
  replace(log, 1, ({ link: _, ...event }) => event);
  assert.deepEqual(kindsOf(log), ["unlinked 2", "misplaced 3"]);
});

test("a log that begins in the middle is held to the heads of then", () => {
  const [head, ...rest] = three;
  assert.ok(head?.link);
  const after = { sequence: 1, heads: [head.link] };
  const verified = createAuditVerification({ sha256, checkpoints: headsOf(three), after });
  for (const event of rest) verified.add(event);
  assert.deepEqual(verified.end().faults, []);
  const forged = { ...after, heads: [{ ...head.link, hash: "cd".repeat(32) }] };
  const refused = createAuditVerification({ sha256, checkpoints: headsOf(three), after: forged });
  for (const event of rest) refused.add(event);
  assert.deepEqual(
    refused.end().faults.map(({ kind }) => kind),
    ["changed"],
  );
});

const headsOnly = (log: readonly AuditEventRecord[]) =>
  headsOf(log).map(({ chain, number, hash }) => ({ chain, number, hash }));

const verifyAfter = (
  log: readonly AuditEventRecord[],
  after: { sequence: number; heads: ReturnType<typeof headsOnly> },
  checkpoints: readonly AuditCheckpoint[],
) => {
  const verification = createAuditVerification({ sha256, checkpoints, after });
  for (const event of log) verification.add(event);
  return verification.end().faults;
};

test("a log that begins anywhere is what was written, held to checkpoints of any time", () => {
  fc.assert(
    fc.property(logArbitrary, fc.nat(), fc.nat(), (log, begin, cut) => {
      const at = begin % (log.length + 1);
      const checkpoints = [...headsOf(log.slice(0, cut % (log.length + 1))), ...headsOf(log)];
      const after = { sequence: at, heads: headsOnly(log.slice(0, at)) };
      assert.deepEqual(verifyAfter(log.slice(at), after, checkpoints), []);
    }),
  );
});

test("a log is refused that begins with its last heads, whether nothing follows or what was invented", () => {
  fc.assert(
    fc.property(logArbitrary, fc.nat(), fc.nat(5), (log, begin, invented) => {
      const at = begin % log.length;
      const heads = headsOnly(log);
      const [head] = heads;
      const { link, ...event } = log.at(-1) ?? assert.fail();
      const events = Array.from({ length: invented }, (_, index) => ({
        ...event,
        actor: "mallory",
        sequence: at + index + 1,
        chain: head?.chain ?? assert.fail(),
      }));
      const links = makeAuditLinks(sha256, heads, events);
      const forged = events.map(({ chain: _, ...each }, index) => ({
        ...each,
        link: links[index] ?? link ?? assert.fail(),
      }));
      const [fault] = verifyAfter(forged, { sequence: at, heads }, headsOf(log));
      assert.deepEqual(fault, { kind: "impossible-start", sequence: at, count: log.length });
    }),
  );
});

test("a log that ends before the last event of a checkpoint's time is cut off, though each chain's head is there", () => {
  const [head = assert.fail()] = headsOf(three.slice(0, 1));
  const checkpoint = { ...head, extent: { sequence: 3, count: 3 } };
  assert.deepEqual(verifyAfter([], { sequence: 1, heads: headsOnly(three.slice(0, 1)) }, [checkpoint]), [
    { kind: "truncated", lastNumber: 1, lastSequence: 1, checkpoint },
  ]);
});

test("a seal that was not hashed is told, but where a later event says that it may be so", () => {
  const [one = assert.fail(), ...others] = linked([
    ...[1, 2].map((sequence) => ({ ...(first ?? assert.fail()), sequence })),
    { ...(third ?? assert.fail()), action: "audit.seals-hashed" },
    { ...(third ?? assert.fail()), sequence: 4 },
  ]);
  const log = [{ ...one, sealedBy: "album" }, ...others];
  assert.deepEqual(kindsOf(log), []);
  assert.deepEqual(kindsOf(log.slice(0, 2)), ["changed 1"]);
  replace(log, 3, (event) => ({ ...event, sealedBy: "album" }));
  assert.deepEqual(kindsOf(log), ["changed 4"]);
  replace(log, 0, (event) => ({ ...event, actor: "bob" }));
  assert.deepEqual(kindsOf(log), ["changed 1", "changed 4"]);
});

test("no event excuses a seal behind one that is in its hash, nor once another did", () => {
  const [one, two] = [first ?? assert.fail(), second ?? assert.fail()];
  const says = { ...(third ?? assert.fail()), actor: "system", action: "audit.seals-hashed" as const };
  const sealed = linked([{ ...one, sealedBy: "album" }, two, says]);
  assert.deepEqual(kindsOf(sealed), []);
  replace(sealed, 1, (event) => ({ ...event, sealedBy: "album" }));
  assert.deepEqual(kindsOf(sealed), ["changed 2"]);
  const twice = linked([one, { ...says, sequence: 2 }, { ...two, sequence: 3 }, { ...says, sequence: 4 }]);
  replace(twice, 0, (event) => ({ ...event, sealedBy: "album" }));
  assert.deepEqual(kindsOf(twice), []);
  replace(twice, 2, (event) => ({ ...event, sealedBy: "album" }));
  assert.deepEqual(kindsOf(twice), ["changed 3"]);
});

test("no event excuses a seal that a checkpoint does not know of, or instead of which it knows another", () => {
  const says = { ...(second ?? assert.fail()), action: "audit.seals-hashed" as const };
  const log = linked([first ?? assert.fail(), says]);
  replace(log, 0, (event) => ({ ...event, sealedBy: "album" }));
  const checkpointsOf = (...sealsHashedAt: readonly number[]) =>
    sealsHashedAt.flatMap((at) =>
      headsOf(log).map(({ extent = assert.fail(), ...head }) => ({
        ...head,
        extent: { ...extent, sealsHashedAt: at },
      })),
    );
  for (const known of [checkpointsOf(2, 2), headsOf(log)]) assert.deepEqual(kindsOf(log, known), []);
  for (const known of [checkpointsOf(0, 2), checkpointsOf(1)])
    assert.deepEqual(kindsOf(log, known), ["changed 1"]);
});

test("a log that was rewritten tells its first faults and how many there are", () => {
  const many = linked(
    Array.from({ length: 300 }, (_, index) => ({ ...(first ?? assert.fail()), sequence: index + 1 })),
  );
  const { faults, faultCount } = verify(many.map((event) => ({ ...event, actor: "bob" })));
  assert.equal(faults.length, 100);
  assert.equal(faultCount, 300);
});

test("a hash is that of a JSON array that anybody can write", () => {
  const event = { ...(first ?? assert.fail()), detail: '{"count":1}' };
  assert.equal(
    auditHash(sha256, chainStart.hash, event, { chain: "org", number: 1 }),
    sha256(`["${"0".repeat(64)}","org",1,1,1000,"ann","file.changed","a","{\\"count\\":1}"]`),
  );
  assert.equal(
    auditHash(sha256, chainStart.hash, { ...event, sealedBy: "x" }, { chain: "org", number: 1 }),
    sha256(`["${"0".repeat(64)}","org",1,1,1000,"ann","file.changed","a","{\\"count\\":1}","x"]`),
  );
});
