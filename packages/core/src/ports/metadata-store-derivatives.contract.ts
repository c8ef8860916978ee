import assert from "node:assert/strict";
import type { DerivativeRecord, FileRecord, Rendition } from "../file.ts";
import { lateWriterMs } from "../limits.ts";
import type {
  AskDerivatives,
  DerivativeResult,
  DerivativeTask,
  OrderedDerivative,
} from "./derivative-commands.ts";
import {
  leaseMs,
  type MetadataStoreCase,
  minuteMs,
  readyResult,
  type Scene,
} from "./metadata-store-case.contract.ts";

const madeAs = "200x200-cover-webp";

const orderOf = (file: FileRecord, order: Partial<OrderedDerivative> = {}): OrderedDerivative => ({
  fileId: file.id,
  version: 1,
  name: "square",
  page: 0,
  madeAs,
  ...order,
});

const ask = async (
  { store }: Scene,
  orders: readonly OrderedDerivative[],
  limits: Partial<AskDerivatives> = {},
): Promise<string[]> =>
  (await store.askDerivatives({ actor: "system", orders, ...limits })).map(({ outcome }) => outcome);

let keyParts = 0;
const claim = ({ store }: Scene): Promise<DerivativeTask | undefined> => {
  keyParts += 1;
  return store.claimDerivative({ leaseMs, keyPart: `part${keyParts}` });
};

async function claimed(scene: Scene): Promise<DerivativeTask> {
  const task = await claim(scene);
  assert.ok(task, "something waits");
  return task;
}

const recordOf = ({ name, key, madeAs: as }: DerivativeTask): DerivativeRecord => ({
  name,
  key,
  contentType: "image/webp",
  width: 200,
  height: 200,
  sizeBytes: 7,
  madeAs: as,
});

const finishMade = ({ store }: Scene, task: DerivativeTask, replacedNotBeforeMs = 0) =>
  store.finishDerivative({
    ...task,
    result: { kind: "made", derivative: recordOf(task) },
    replacedNotBeforeMs,
  });

const doomedKeys = async ({ store, clock }: Scene): Promise<string[]> => {
  clock.advance(lateWriterMs);
  return (await store.listDoomedObjects(200)).map(({ key }) => key);
};

async function newFile(scene: Scene): Promise<FileRecord> {
  const owner = await scene.newOwner();
  return scene.createReady(owner.id);
}

export const derivativeCases: readonly MetadataStoreCase[] = [
  {
    name: "lets a derivative be asked for once, made by one, and gives it to the version",
    async run(scene) {
      const { store } = scene;
      const file = await newFile(scene);
      const order = orderOf(file);
      const [first] = await scene.audited(
        { actor: file.ownerId, action: "derivative.asked", targetId: file.id },
        () => store.askDerivatives({ actor: { principalId: file.ownerId }, orders: [order] }),
      );
      assert.deepEqual(first, { outcome: "asked" });
      assert.deepEqual(await scene.unchanged(() => ask(scene, [order])), ["waiting"]);
      const task = await claimed(scene);
      const { key, ...rest } = task;
      assert.deepEqual(rest, { ...order, attempt: 1, failedAttempts: 1 });
      assert.equal(key.split("/").slice(0, 2).join("/"), file.current.key.split("/").slice(0, 2).join("/"));
      assert.equal(await claim(scene), undefined, "it is in somebody's hands");
      assert.deepEqual([...(await store.findKnownKeys([key]))], [key], "before anything is written");
      const finished = await scene.audited(
        { actor: "system", action: "derivative.made", targetId: file.id },
        () => finishMade(scene, task),
      );
      assert.equal(finished, "finished");
      assert.deepEqual(await scene.file(file.id), {
        ...file,
        current: { ...file.current, derivatives: [recordOf(task)] },
      });
      assert.deepEqual((await scene.versions(file.id))[0]?.derivatives, [recordOf(task)]);
      assert.deepEqual(await store.askDerivatives({ actor: "system", orders: [order] }), [
        { outcome: "made", derivative: recordOf(task) },
      ]);
      assert.deepEqual([...(await store.findKnownKeys([key]))], [key]);
      assert.equal(await claim(scene), undefined);
    },
  },
  {
    name: "puts one that is made otherwise in the old one's place, which is doomed for when its URLs have ended",
    async run(scene) {
      const { store, clock } = scene;
      const file = await newFile(scene);
      await ask(scene, [orderOf(file)]);
      const old = await claimed(scene);
      await finishMade(scene, old);
      assert.deepEqual(await ask(scene, [orderOf(file, { madeAs: "otherwise" })]), ["asked"]);
      assert.deepEqual((await scene.file(file.id)).current.derivatives, [recordOf(old)], "until then");
      const task = await claimed(scene);
      await finishMade(scene, task, clock.nowMs() + 10 * minuteMs);
      assert.deepEqual((await scene.file(file.id)).current.derivatives, [recordOf(task)]);
      assert.deepEqual(await store.listDoomedObjects(10), []);
      clock.advance(10 * minuteMs);
      assert.deepEqual(
        (await store.listDoomedObjects(10)).map(({ key }) => key),
        [old.key],
      );
    },
  },
  {
    name: "keeps pages beside their version, and tells reconciling of them",
    async run(scene) {
      const { store } = scene;
      const file = await newFile(scene);
      const orders = [orderOf(file, { page: 2 }), orderOf(file, { page: 3 })];
      assert.deepEqual(await ask(scene, orders), ["asked", "asked"]);
      const tasks = [await claimed(scene), await claimed(scene)];
      assert.deepEqual(tasks.map(({ page }) => page).sort(), [2, 3]);
      for (const task of tasks) await finishMade(scene, task);
      assert.deepEqual((await scene.file(file.id)).current.derivatives, []);
      assert.deepEqual(await ask(scene, orders), ["made", "made"]);
      const [version] = await store.listVersions({ limit: 10 });
      assert.deepEqual(version?.derivatives.map(({ key }) => key).sort(), tasks.map(({ key }) => key).sort());
      assert.equal((await store.findKnownKeys(tasks.map(({ key }) => key))).size, 2);
    },
  },
  {
    name: "gives what a maker has left to another, and the late one changes nothing",
    async run(scene) {
      const { store, clock } = scene;
      const file = await newFile(scene);
      await ask(scene, [orderOf(file)]);
      const late = await claimed(scene);
      clock.advance(leaseMs);
      const task = await claimed(scene);
      assert.deepEqual([task.attempt, task.failedAttempts], [2, 2]);
      assert.notEqual(task.key, late.key);
      const { attempt: _, ...place } = late;
      assert.equal(await scene.unchanged(() => finishMade(scene, late)), "stale");
      assert.equal(await store.renewDerivative({ ...place, attempt: 1, leaseMs }), false);
      assert.equal(
        await store.releaseDerivative({ ...place, attempt: 1, retryInMs: 0, consumed: true }),
        false,
      );
      assert.equal(await finishMade(scene, task), "finished");
      assert.equal(await scene.unchanged(() => finishMade(scene, task)), "stale", "once");
      assert.deepEqual(await doomedKeys(scene), [late.key]);
    },
  },
  {
    name: "extends a claim that is held, and takes one back that is given back",
    async run(scene) {
      const { store, clock } = scene;
      const file = await newFile(scene);
      await ask(scene, [orderOf(file)]);
      const first = await claimed(scene);
      clock.advance(leaseMs - 1);
      assert.equal(await store.renewDerivative({ ...first, leaseMs }), true);
      clock.advance(leaseMs - 1);
      assert.equal(await claim(scene), undefined);
      assert.equal(await store.releaseDerivative({ ...first, retryInMs: 5000, consumed: false }), true);
      assert.equal(await claim(scene), undefined);
      clock.advance(5000);
      const second = await claimed(scene);
      assert.deepEqual([second.attempt, second.failedAttempts], [2, 1], "an outage consumes none");
      await store.releaseDerivative({ ...second, retryInMs: 0, consumed: true });
      assert.equal((await claimed(scene)).failedAttempts, 2);
      assert.deepEqual((await doomedKeys(scene)).sort(), [first.key, second.key].sort());
    },
  },
  {
    name: "remembers what failed, until something else is asked for; forgets what was dropped",
    async run(scene) {
      const { store } = scene;
      const file = await newFile(scene);
      const order = orderOf(file);
      await ask(scene, [order]);
      const task = await claimed(scene);
      const failed = { kind: "failed", detail: "It can't be drawn." } as const;
      await scene.audited({ actor: "system", action: "derivative.failed", targetId: file.id }, () =>
        store.finishDerivative({ ...task, result: failed, replacedNotBeforeMs: 0 }),
      );
      assert.deepEqual(await store.askDerivatives({ actor: "system", orders: [order] }), [
        { outcome: "failed", detail: "It can't be drawn." },
      ]);
      assert.deepEqual(
        (await store.listDoomedObjects(10)).map(({ key }) => key),
        [task.key],
      );
      assert.deepEqual(await ask(scene, [orderOf(file, { madeAs: "otherwise" })]), ["asked"]);
      const other = await claimed(scene);
      assert.deepEqual([other.attempt, other.failedAttempts], [2, 1]);
      await scene.audited({ actor: "system", action: "derivative.dropped", targetId: file.id }, () =>
        store.finishDerivative({ ...other, result: { kind: "dropped" }, replacedNotBeforeMs: 0 }),
      );
      assert.deepEqual(await ask(scene, [order]), ["asked"]);
    },
  },
  {
    name: "forgets what failed of the versions that are named, and nothing else",
    async run(scene) {
      const { store } = scene;
      const file = await newFile(scene);
      const other = await scene.createReady(file.ownerId);
      const failed = { kind: "failed", detail: "It can't be drawn." } as const;
      const orders = [orderOf(file), orderOf(file, { page: 2 }), orderOf(other)];
      await ask(scene, orders);
      for (const _ of orders)
        await store.finishDerivative({ ...(await claimed(scene)), result: failed, replacedNotBeforeMs: 0 });
      await ask(scene, [orderOf(file, { page: 3 }), orderOf(file, { page: 4 })]);
      const page = await claimed(scene);
      await finishMade(scene, page);
      const named = [
        { fileId: file.id, version: 1 },
        { fileId: other.id, version: 2 },
      ];
      const before = (await scene.auditEvents()).length;
      assert.equal(await store.forgetFailedDerivatives(named), 2);
      assert.deepEqual(
        (await scene.auditEvents())
          .slice(before)
          .map(({ actor, action, targetId }) => [actor, action, targetId]),
        [1, 2].map(() => ["system", "derivative.forgotten", file.id]),
      );
      assert.equal(await scene.unchanged(() => store.forgetFailedDerivatives(named)), 0);
      assert.deepEqual(await ask(scene, [...orders, orderOf(file, { page: page.page })]), [
        "asked",
        "asked",
        "failed",
        "made",
      ]);
    },
  },
  {
    name: "lets owners take turns, however much is asked of what one of them has",
    async run(scene) {
      const { store, clock } = scene;
      const [many, two, late] = [await newFile(scene), await newFile(scene), await newFile(scene)];
      const askPages = async (file: FileRecord, ...pages: number[]) => {
        await ask(
          scene,
          pages.map((page) => orderOf(file, { page })),
        );
        clock.advance(1);
      };
      await askPages(many, 2, 3, 4, 5);
      await askPages(two, 2, 3);
      const order: string[] = [];
      const makeNext = async () => {
        const task = await claimed(scene);
        await finishMade(scene, task);
        order.push(task.fileId);
      };
      for (const _ of [1, 2, 3]) await makeNext();
      await askPages(late, 2);
      for (const _ of [1, 2, 3]) await makeNext();
      assert.deepEqual(
        order,
        [many, two, many, two, many, late].map(({ id }) => id),
      );
      assert.deepEqual(await store.countWaitingDerivatives(10), {
        waiting: 1,
        waitingSinceMs: clock.nowMs() - 3,
      });
    },
  },
  {
    name: "puts what is charged to somebody into their queue, not the owner's, and within their bound",
    async run(scene) {
      const files = [await newFile(scene), await newFile(scene)];
      const [asker] = [await scene.newOwner()];
      const orders = files.map((file) => orderOf(file));
      const charged = { chargedTo: asker.id, maxWaitingPerOwner: 1 };
      assert.deepEqual(await ask(scene, orders, charged), ["asked", "too-many"]);
      const [first] = files;
      const more = orderOf(first ?? assert.fail(), { name: "other" });
      assert.deepEqual(
        await ask(scene, [more], { maxWaitingPerOwner: 1 }),
        ["asked"],
        "the owner's is empty",
      );
      assert.deepEqual(await ask(scene, orders.slice(1), { maxWaitingPerOwner: 1 }), ["asked"]);
    },
  },
  {
    name: "lets owners take turns in what an outage gave back, too",
    async run(scene) {
      const { store, clock } = scene;
      const [many, late] = [await newFile(scene), await newFile(scene)];
      await ask(
        scene,
        [2, 3, 4].map((page) => orderOf(many, { page })),
      );
      for (const _ of [1, 2, 3]) {
        await store.releaseDerivative({ ...(await claimed(scene)), retryInMs: 1000, consumed: false });
        clock.advance(1);
      }
      await ask(scene, [orderOf(late, { page: 2 })]);
      clock.advance(1000);
      const order = [await claimed(scene), await claimed(scene)];
      assert.deepEqual(
        order.map(({ fileId }) => fileId),
        [late.id, many.id],
      );
    },
  },
  {
    name: "counts what waits and could be claimed, up to a limit",
    async run(scene) {
      const { store, clock } = scene;
      const file = await newFile(scene);
      assert.deepEqual(await store.countWaitingDerivatives(10), { waiting: 0 });
      const sinceMs = clock.nowMs();
      await ask(
        scene,
        [2, 3, 4].map((page) => orderOf(file, { page })),
      );
      clock.advance(1);
      assert.deepEqual(await store.countWaitingDerivatives(10), { waiting: 3, waitingSinceMs: sinceMs });
      assert.equal((await store.countWaitingDerivatives(2)).waiting, 2);
      const task = await claimed(scene);
      assert.equal((await store.countWaitingDerivatives(10)).waiting, 2, "one is in somebody's hands");
      await store.releaseDerivative({ ...task, retryInMs: 1000, consumed: true });
      assert.equal((await store.countWaitingDerivatives(10)).waiting, 2, "one is to be tried later");
      clock.advance(1000);
      assert.equal((await store.countWaitingDerivatives(10)).waiting, 3);
    },
  },
  {
    name: "keeps what others get of a version as it was worked out anew, and dooms what was made before that",
    async run(scene) {
      const { store, clock } = scene;
      const file = await newFile(scene);
      const order = orderOf(file, { name: "rendition", madeAs: "stripped-1" });
      const finish = (task: DerivativeTask, result: DerivativeResult, rendition: Rendition) =>
        store.finishDerivative({
          ...task,
          result,
          rendition,
          replacedNotBeforeMs: clock.nowMs() + minuteMs,
        });
      await ask(scene, [order]);
      const first = await claimed(scene);
      const stripped = { kind: "stripped", sizeBytes: 7, sha256: "ab".repeat(32), version: 1 } as const;
      await finish(first, { kind: "made", derivative: recordOf(first) }, stripped);
      const told = async () => {
        const [version] = await scene.versions(file.id);
        const { rendition, derivatives } = (await scene.file(file.id)).current;
        assert.deepEqual([version?.rendition, version?.derivatives], [rendition, derivatives]);
        return { rendition, derivatives };
      };
      assert.deepEqual(await told(), { rendition: stripped, derivatives: [recordOf(first)] });
      for (const madeAs of ["planned-2", "planned-3"]) {
        assert.deepEqual(await ask(scene, [{ ...order, madeAs }]), ["asked"]);
        const none = { kind: "none", version: 2 } as const;
        await finish(await claimed(scene), { kind: "dropped" }, none);
        assert.deepEqual(await told(), { rendition: none, derivatives: [] });
      }
      assert.ok(!(await store.listDoomedObjects(10)).some(({ key }) => key === first.key), "URLs live on");
      assert.ok((await doomedKeys(scene)).includes(first.key));
    },
  },
  {
    name: "makes what was asked for last: whoever makes it otherwise loses it",
    async run(scene) {
      const file = await newFile(scene);
      await ask(scene, [orderOf(file)]);
      const overtaken = await claimed(scene);
      assert.deepEqual(await ask(scene, [orderOf(file, { madeAs: "otherwise" })]), ["asked"]);
      assert.equal(await finishMade(scene, overtaken), "stale");
      const task = await claimed(scene);
      assert.equal(task.madeAs, "otherwise");
      await finishMade(scene, task);
      assert.deepEqual(await doomedKeys(scene), [overtaken.key]);
    },
  },
  {
    name: "bounds what is asked of one version, and what waits for one person",
    async run(scene) {
      const file = await newFile(scene);
      const other = await scene.createReady(file.ownerId);
      const page = (number: number) => orderOf(file, { page: number });
      const bounds = { maxPerVersion: 2, maxWaitingPerOwner: 3 };
      assert.deepEqual(await ask(scene, [page(2), page(3), page(4), page(2)], bounds), [
        "asked",
        "asked",
        "too-many",
        "waiting",
      ]);
      const orders = [orderOf(other), orderOf(other, { name: "wide" })];
      assert.deepEqual(await ask(scene, orders, bounds), ["asked", "too-many"]);
      await finishMade(scene, await claimed(scene));
      assert.deepEqual(await ask(scene, orders.slice(1), bounds), ["asked"]);
    },
  },
  {
    name: "asks and makes for ready files alone",
    async run(scene) {
      const { store } = scene;
      const file = await newFile(scene);
      const orders = [orderOf(file), orderOf(file, { version: 2 }), orderOf(file, { fileId: scene.newId() })];
      assert.deepEqual(await ask(scene, orders), ["asked", "missing", "missing"]);
      await store.trashFile({ fileId: file.id, revision: file.revision, actor: "system" });
      assert.deepEqual(await ask(scene, [orderOf(file, { name: "wide" })]), ["missing"]);
      assert.equal(await claim(scene), undefined);
      await store.restoreFile({ fileId: file.id, revision: file.revision + 1, actor: "system" });
      assert.deepEqual(await ask(scene, [orderOf(file)]), ["asked"], "what waited was dropped");
    },
  },
  {
    name: "leaves no bytes where the file is purged while a derivative is made, or has pages",
    async run(scene) {
      const { store } = scene;
      const file = await newFile(scene);
      await ask(scene, [orderOf(file, { page: 2 })]);
      const page = await claimed(scene);
      await finishMade(scene, page);
      await ask(scene, [orderOf(file)]);
      const task = await claimed(scene);
      await store.purgeFile({ fileId: file.id, revision: file.revision, actor: "system" });
      assert.equal(await finishMade(scene, task), "stale");
      const doomed = (await store.listDoomedObjects(10)).map(({ key }) => key);
      assert.deepEqual(
        doomed.sort(),
        [file.current.key, page.key].sort(),
        "a late maker may still write the other",
      );
      assert.ok((await doomedKeys(scene)).includes(task.key));
    },
  },
  {
    name: "purges a version's derivatives with it, and leaves those of another",
    async run(scene) {
      const { store } = scene;
      const first = await newFile(scene);
      const { file } = await scene.createReplacing(first);
      await ask(scene, [orderOf(file, { page: 2 }), orderOf(file, { page: 2, version: 2 })]);
      const tasks = [await claimed(scene), await claimed(scene)];
      for (const task of tasks) await finishMade(scene, task);
      await store.purgeVersion({ fileId: file.id, revision: file.revision, version: 1, actor: "system" });
      const doomed = (await store.listDoomedObjects(10)).map(({ key }) => key);
      for (const { key, version } of tasks) assert.equal(doomed.includes(key), version === 1);
      assert.deepEqual(await ask(scene, [orderOf(file, { page: 2, version: 2 })]), ["made"]);
    },
  },
  {
    name: "gives a version that is not current its derivative, and the file none",
    async run(scene) {
      const first = await newFile(scene);
      const { file, upload } = await scene.createReplacing(first);
      await ask(scene, [orderOf(file)]);
      const task = await claimed(scene);
      await finishMade(scene, task);
      assert.deepEqual((await scene.file(file.id)).current, readyResult({ ...upload, attempt: 1 }).facts);
      assert.deepEqual(
        (await scene.versions(file.id)).map(({ derivatives }) => derivatives),
        [[], [recordOf(task)]],
      );
    },
  },
];
