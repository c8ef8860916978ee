import assert from "node:assert/strict";
import type { MetadataStoreCase } from "./metadata-store-case.contract.ts";

const issuer = "https://issuer.example";

export const principalCases: readonly MetadataStoreCase[] = [
  {
    name: "makes a principal's row at the first call and knows it again at the next",
    async run(scene) {
      const { store, clock } = scene;
      const identity = {
        issuer,
        subject: "ann",
        email: "ann@example.com",
        name: "Ann",
        organisation: "Acme",
      };
      const id = "01890000-0000-7000-8000-000000000001";
      assert.equal(await store.findPrincipal(id), undefined);
      const made = await store.ensurePrincipal({ ...identity, newId: id });
      const { organisationId } = made;
      assert.ok(organisationId);
      assert.deepEqual(made, {
        ...identity,
        id,
        organisationId,
        usedBytes: 0,
        reservedBytes: 0,
        usedFiles: 0,
        openUploads: 0,
        createdAtMs: clock.nowMs(),
      });
      clock.advance(1000);
      assert.deepEqual(await store.ensurePrincipal({ ...identity, newId: scene.newId() }), made);
      assert.deepEqual(await store.findPrincipal(id), made);
    },
  },
  {
    name: "tells principals apart by issuer and subject together",
    async run(scene) {
      const pairs = [
        ["https://a.example", "1"],
        ["https://a.example", "2"],
        ["https://b.example", "1"],
        ["https://a.example/", "1"],
        ["https://A.example", "1"],
        ["https://a.example", "1 "],
        ["https://a.exampl", "e1"],
      ] as const;
      const owners = await Promise.all(pairs.map(([issuer, subject]) => scene.newOwner({ issuer, subject })));
      assert.equal(new Set(owners.map(({ id }) => id)).size, pairs.length);
    },
  },
  {
    name: "brings e-mail, name and organisation up to date and removes what is gone, leaving the rest alone",
    async run(scene) {
      const { store } = scene;
      const made = await scene.newOwner({ subject: "bob", email: "old@example.com", organisation: "Acme" });
      await scene.create(made.id);
      const changed = await store.ensurePrincipal({
        issuer,
        subject: "bob",
        email: "new@example.com",
        name: "Bob",
        newId: scene.newId(),
      });
      assert.deepEqual(changed, {
        id: made.id,
        issuer,
        subject: "bob",
        email: "new@example.com",
        name: "Bob",
        usedBytes: 0,
        reservedBytes: 1000,
        usedFiles: 0,
        openUploads: 1,
        createdAtMs: made.createdAtMs,
      });
      assert.deepEqual(await store.findPrincipal(made.id), changed);
    },
  },
  {
    name: "notices each of them that changes or goes alone",
    async run(scene) {
      const whole = { email: "ann@example.com", name: "Ann", organisation: "Acme" };
      const { id } = await scene.newOwner({ subject: "ann", ...whole });
      for (const member of ["email", "name", "organisation"] as const) {
        const { [member]: _, ...rest } = whole;
        for (const said of [{ ...whole, [member]: "new" }, rest, whole]) {
          await scene.newOwner({ subject: "ann", ...said });
          const { email, name, organisation } = (await scene.store.findPrincipal(id)) ?? {};
          assert.deepEqual(JSON.parse(JSON.stringify({ email, name, organisation })), said);
        }
      }
    },
  },
  {
    name: "knows an e-mail as verified for as long as its issuer says that of this one",
    async run(scene) {
      const { store } = scene;
      const come = async (said: object) => {
        const identity = { issuer, subject: "ann", newId: scene.newId(), ...said };
        const { id, email, emailVerified } = await store.ensurePrincipal(identity);
        const found = await store.findPrincipal(id);
        assert.deepEqual([found?.email, found?.emailVerified], [email, emailVerified]);
        return emailVerified;
      };
      const [email, isPartial] = ["ann@example.com", true];
      assert.equal(await come({ email }), undefined);
      assert.equal(await come({ email, emailVerified: true }), true);
      assert.equal(await come({ isPartial }), true, "nothing was said");
      assert.equal(await come({ isPartial, email }), true, "of the same nothing was said");
      assert.equal(await come({ isPartial, email: "new@example.com" }), undefined, "of the new one neither");
      assert.equal(await come({ isPartial, email, emailVerified: true }), true);
      assert.equal(await come({ email }), undefined);
      assert.equal(await come({ email, emailVerified: true }), true);
      assert.equal(await come({}), undefined, "there is none");
    },
  },
  {
    name: "takes back that an e-mail is verified where its issuer denies it, however little else it says",
    async run(scene) {
      const come = (said: object) =>
        scene.store.ensurePrincipal({ issuer, subject: "ann", newId: scene.newId(), ...said });
      const email = "ann@example.com";
      for (const denied of [{ email, emailVerified: false }, { emailVerified: false }]) {
        assert.equal((await come({ email, emailVerified: true })).emailVerified, true);
        const { emailVerified, email: kept } = await come({ isPartial: true, ...denied });
        assert.deepEqual([kept, emailVerified], [email, undefined]);
        assert.equal((await come({ isPartial: true })).emailVerified, undefined);
      }
    },
  },
  {
    name: "believes what was said before a partial identity for a day after all was said, and no longer",
    async run(scene) {
      const { store, clock } = scene;
      const whole = {
        email: "ann@example.com",
        emailVerified: true as const,
        name: "Ann",
        organisation: "Acme",
      };
      const hourMs = 3600 * 1000;
      const come = (said: object) =>
        store.ensurePrincipal({ issuer, subject: "ann", newId: scene.newId(), ...said });
      const made = await come(whole);
      clock.advance(20 * hourMs);
      assert.deepEqual(await come({ isPartial: true }), made);
      assert.deepEqual(await come(whole), made);
      clock.advance(20 * hourMs);
      assert.deepEqual(await come({ isPartial: true }), made, "it was said again since");
      clock.advance(5 * hourMs);
      const { id, email, emailVerified, name, organisation, organisationId } = await come({
        isPartial: true,
        name: "Ann",
      });
      assert.deepEqual(
        [id, email, emailVerified, name, organisation, organisationId],
        [made.id, undefined, undefined, "Ann", undefined, undefined],
      );
      assert.equal((await come({ isPartial: true })).name, undefined);
    },
  },
  {
    name: "believes of a person what was said last, however late it comes: an older token changes nothing, and is theirs as they are now",
    async run(scene) {
      const { store, clock } = scene;
      const nowMs = clock.nowMs();
      const come = (secondsAgo: number | undefined, said: object) =>
        store.ensurePrincipal({
          issuer,
          subject: "ann",
          newId: scene.newId(),
          ...(secondsAgo === undefined ? {} : { saidAtMs: nowMs - secondsAgo * 1000 }),
          ...said,
        });
      const acme = { email: "ann@acme.example", emailVerified: true, name: "Ann", organisation: "Acme" };
      const other = { email: "ann@acme.example", name: "Ann B.", organisation: "Other" };
      await come(60, acme);
      const moved = await come(30, other);
      assert.deepEqual([moved.organisation, moved.emailVerified], ["Other", undefined]);
      for (const older of [acme, { ...acme, organisation: "A third" }, { ...acme, isPartial: true }, {}]) {
        assert.deepEqual(await scene.unchanged(() => come(60, older)), moved);
        assert.deepEqual(await scene.unchanged(() => come(31, older)), moved);
      }
      assert.equal((await come(30, acme)).organisation, "Acme", "of one second the last that came");
      assert.equal((await come(30, other)).organisation, "Other");
      assert.deepEqual(await come(10, other), moved);
      assert.deepEqual(
        await scene.unchanged(() => come(20, acme)),
        moved,
        "that nothing was new in the newest does not matter",
      );
      assert.deepEqual(await come(5, { isPartial: true }), moved);
      assert.equal((await come(undefined, acme)).organisation, "Acme", "of some it is not known when");
      assert.equal((await scene.unchanged(() => come(6, other))).organisation, "Acme");
      const { id } = await come(-3600, acme);
      assert.equal((await come(0, other)).organisation, "Other", "a clock that was ahead");
      assert.deepEqual(await store.findPrincipal(id), moved);
    },
  },
  {
    name: "leaves what a partial identity does not say as it is, and takes what it says",
    async run(scene) {
      const { store } = scene;
      const whole = { email: "ann@example.com", name: "Ann", organisation: "Acme" };
      const made = await scene.newOwner({ subject: "ann", ...whole });
      const come = (said: object) =>
        store.ensurePrincipal({ issuer, subject: "ann", isPartial: true, newId: scene.newId(), ...said });
      assert.deepEqual(await come({}), made);
      assert.deepEqual(await come({ name: "Ann B." }), { ...made, name: "Ann B." });
      assert.deepEqual(await store.findPrincipal(made.id), { ...made, name: "Ann B." });
      await scene.newOwner({ subject: "ann" });
      const { email, name, organisation } = await come({});
      assert.deepEqual([email, name, organisation], [undefined, undefined, undefined]);
      const first = await scene.newOwner({ subject: "bob", ...{ isPartial: true } });
      assert.equal(first.email, undefined);
    },
  },
  {
    name: "gives people of one organisation at one issuer the same id of it, and changes it with the organisation",
    async run(scene) {
      const { store } = scene;
      const come = (subject: string, organisation?: string, issuer = "https://a.example") =>
        scene.newOwner({ issuer, subject, ...(organisation === undefined ? {} : { organisation }) });
      const acme = (await come("ann", "Acme")).organisationId;
      assert.equal((await come("bob", "Acme")).organisationId, acme);
      const others = await Promise.all([
        come("carol", "acme"),
        come("dave", "Acme "),
        come("ann", "Acme", "https://b.example"),
      ]);
      assert.equal(new Set([acme, ...others.map(({ organisationId }) => organisationId)]).size, 4);
      assert.equal((await come("erin")).organisationId, undefined);

      const before = await scene.auditEvents();
      const changed = await come("ann", "Other");
      assert.ok(changed.organisationId && changed.organisationId !== acme);
      assert.deepEqual(await store.findPrincipal(changed.id), changed);
      const partial = { issuer: "https://a.example", subject: "ann", isPartial: true, newId: scene.newId() };
      assert.deepEqual(await store.ensurePrincipal({ ...partial, name: "Ann" }), { ...changed, name: "Ann" });
      const back = await store.ensurePrincipal({ ...partial, organisation: "Acme" });
      assert.equal(back.organisationId, acme);
      assert.equal((await come("ann")).organisationId, undefined);
      const erin = await come("erin", "Acme");
      assert.equal(erin.organisationId, acme);
      await come("erin", "Acme");
      const other = changed.organisationId;
      assert.deepEqual(
        (await scene.auditEvents())
          .slice(before.length)
          .map(({ actor, action, targetId, detail = "" }) => [actor, action, targetId, JSON.parse(detail)]),
        [
          [changed.id, { from: acme, to: other }],
          [changed.id, { from: other, to: acme }],
          [changed.id, { from: acme }],
          [erin.id, { to: acme }],
        ].map(([id, detail]) => [id, "principal.moved", id, detail]),
      );
    },
  },
  {
    name: "makes one organisation for twenty people who bring it at once",
    async run(scene) {
      const people = await Promise.all(
        Array.from({ length: 20 }, () => scene.newOwner({ organisation: "Everyone" })),
      );
      assert.equal(new Set(people.map(({ id }) => id)).size, 20);
      assert.equal(new Set(people.map(({ organisationId }) => organisationId)).size, 1);
    },
  },
  {
    name: "makes one row for a principal who comes twenty times at once",
    async run(scene) {
      const owners = await Promise.all(
        Array.from({ length: 20 }, () => scene.newOwner({ subject: "everywhere" })),
      );
      assert.equal(new Set(owners.map(({ id }) => id)).size, 1);
    },
  },
  {
    name: "is healthy while it can be written, and leaves no trace of having been asked",
    async run(scene) {
      await scene.newOwner();
      await scene.unchanged(() => scene.store.checkHealth());
    },
  },
];
