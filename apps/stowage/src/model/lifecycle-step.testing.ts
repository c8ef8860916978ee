import fc from "fast-check";

/**
 * What becomes of the process that takes a step, at its `at`-th call (from 1) that may change something: it dies before
 * the call, it dies after it and its answer is lost, or it stops there (as under SIGSTOP), or (a call of the store's) right after it, until it is woken. Or what it
 * calls fails: without having done anything, or (a store) after it has.
 */
export interface Fate {
  readonly at: number;
  readonly how: "die-before" | "die-after" | "sleep" | "sleep-after" | "fail-before" | "fail-after";
}

/**
 * One of the rows: an index from the newest on, among those in a state that `fits` the step, or among all. Where there
 * is none, the step is not taken.
 */
export interface Which {
  readonly index: number;
  readonly fits: boolean;
}

/** What is announced: `picture` and `large` (over 5 MiB) go in one PUT, `film` in parts of 5 MiB. */
export type Announced = "picture" | "large" | "film";

export interface Announcement {
  readonly who: 0 | 1;
  readonly as: Announced;
  /** Bytes; `free`: all that the quota has left; `over`: one more. (Of a picture; others have one size.) */
  readonly size: number | "free" | "over";
  readonly nature: "sound" | "other-type" | "poison" | "not-allowed";
  /** `again`: the same file as the ref's last (and in place of the same version), where there is one. */
  readonly ref?: "a" | "b" | "c" | undefined;
  readonly again: boolean;
  /** Of a film: its digest is not said. */
  readonly silent: boolean;
  readonly fate?: Fate;
}

export type Step =
  | ({ readonly do: "create" } & Announcement)
  /**
   * What is announced is to take a version's place: of one's own files that are ready, or of any, deleted ones too.
   * `other`: of a version that is not current, where there is one; `unborn`: of one that never was.
   */
  | ({
      readonly do: "replace";
      readonly which: Which;
      readonly base: "current" | "other" | "unborn";
    } & Announcement)
  /** A client sends bytes to one of the requests that it has. */
  | {
      readonly do: "put";
      readonly which: Which;
      readonly bytes: "right" | "other" | "longer" | "cut";
    }
  /** Other bytes take the place of those that came by a PUT whose URL lives, as in a store that lets a second one in. */
  | { readonly do: "swap"; readonly which: Which }
  | { readonly do: "remint"; readonly which: Which; readonly fate?: Fate }
  | { readonly do: "turn"; readonly which: Which; readonly fate?: Fate }
  /** `other`: the part is announced, and will be sent, with other bytes. */
  | {
      readonly do: "mint-parts";
      readonly which: Which;
      readonly parts: readonly number[];
      readonly other: boolean;
      readonly fate?: Fate;
    }
  | {
      readonly do: "complete";
      readonly which: Which;
      readonly sha256: "none" | "right" | "other";
      readonly fate?: Fate;
    }
  | { readonly do: "abort"; readonly which: Which; readonly fate?: Fate }
  | { readonly do: "tell"; readonly which: Which; readonly fate?: Fate }
  /** A worker claims what waits longest, and verifies it. `away`: its inspector can't work. */
  | { readonly do: "work"; readonly away: boolean; readonly fate?: Fate }
  /** An owner asks for a derivative of a version that is made when somebody asks for it. */
  | { readonly do: "ask"; readonly which: Which; readonly version: Which; readonly fate?: Fate }
  /** A worker claims a derivative that was asked for, and makes it. `away`: its inspector can't work. */
  | { readonly do: "make"; readonly away: boolean; readonly fate?: Fate }
  | { readonly do: "sweep"; readonly fate?: Fate }
  | { readonly do: "reconcile"; readonly fate?: Fate }
  | { readonly do: "rename"; readonly which: Which; readonly off: number; readonly fate?: Fate }
  | { readonly do: "trash"; readonly which: Which; readonly off: number; readonly fate?: Fate }
  | { readonly do: "restore"; readonly which: Which; readonly off: number; readonly fate?: Fate }
  | { readonly do: "purge"; readonly which: Which; readonly off: number; readonly fate?: Fate }
  /** A rescan finds something in a version; `version` as below, the current one too. */
  | { readonly do: "quarantine"; readonly which: Which; readonly version: Which; readonly fate?: Fate }
  /** A rescan finds nothing in a quarantined file any more, of which it believes to know the revision. */
  | { readonly do: "release"; readonly which: Which; readonly off: number; readonly fate?: Fate }
  /** `version`: of those that are there and not current, or of all that ever were. */
  | {
      readonly do: "restore-version" | "purge-version";
      readonly which: Which;
      readonly version: Which;
      readonly off: number;
      readonly fate?: Fate;
    }
  /** A process that sleeps goes on, is killed, or (a worker) has its lease renewed by its timer. */
  | { readonly do: "wake"; readonly index: number }
  | { readonly do: "kill"; readonly index: number }
  | { readonly do: "renew"; readonly index: number }
  | { readonly do: "wait"; readonly seconds: number }
  /** Database and store are so many seconds ahead of the services. */
  | { readonly do: "skew"; readonly database: number; readonly store: number };

export type StepKind = Step["do"];

const which = fc.record({
  index: fc.nat({ max: 3 }),
  fits: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
});

const off = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.constantFrom(-1, 1));

const fated = fc.oneof(
  { weight: 7, arbitrary: fc.constant({}) },
  {
    weight: 3,
    arbitrary: fc.record({
      fate: fc.record({
        at: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(1, 2) }, fc.integer({ min: 3, max: 6 })),
        how: fc.constantFrom("die-before", "die-after", "sleep", "sleep-after", "fail-before", "fail-after"),
      }),
    }),
  },
);

/** A step that a process takes, and may die or sleep in. */
const taken = <T extends object>(members: fc.Arbitrary<T>) =>
  fc.tuple(members, fated).map(([one, other]) => ({ ...one, ...other }));

const minute = 60;
const day = 24 * 3600;

const announcement = {
  who: fc.constantFrom(0 as const, 1 as const),
  as: fc.oneof(
    { weight: 8, arbitrary: fc.constant("picture" as const) },
    { weight: 1, arbitrary: fc.constant("large" as const) },
    { weight: 2, arbitrary: fc.constant("film" as const) },
  ),
  size: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 8, max: 4000 }) },
    fc.constantFrom("free" as const, "over" as const),
  ),
  nature: fc.oneof(
    { weight: 20, arbitrary: fc.constant("sound" as const) },
    { weight: 2, arbitrary: fc.constant("other-type" as const) },
    { weight: 3, arbitrary: fc.constant("poison" as const) },
    { weight: 1, arbitrary: fc.constant("not-allowed" as const) },
  ),
  silent: fc.boolean(),
  again: fc.boolean(),
  ref: fc.constantFrom(undefined, undefined, "a" as const, "b" as const, "c" as const),
};

const create = taken(fc.record({ do: fc.constant("create" as const), ...announcement }));

const replace = taken(
  fc.record({
    do: fc.constant("replace" as const),
    which,
    base: fc.oneof(
      { weight: 7, arbitrary: fc.constant("current" as const) },
      { weight: 2, arbitrary: fc.constant("other" as const) },
      { weight: 1, arbitrary: fc.constant("unborn" as const) },
    ),
    ...announcement,
  }),
);

const complete = taken(
  fc.record({
    do: fc.constant("complete" as const),
    which,
    sha256: fc.oneof(
      { weight: 6, arbitrary: fc.constant("none" as const) },
      { weight: 3, arbitrary: fc.constant("right" as const) },
      { weight: 1, arbitrary: fc.constant("other" as const) },
    ),
  }),
);

const work = taken(
  fc.record({
    do: fc.constant("work" as const),
    away: fc.oneof({ weight: 7, arbitrary: fc.constant(false) }, fc.constant(true)),
  }),
);

const away = fc.oneof({ weight: 7, arbitrary: fc.constant(false) }, fc.constant(true));
const ask = taken(fc.record({ do: fc.constant("ask" as const), which, version: which }));
const make = taken(fc.record({ do: fc.constant("make" as const), away }));

const onVersion = taken(
  fc.record({
    do: fc.constantFrom("restore-version" as const, "purge-version" as const),
    which,
    version: which,
    off: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.constantFrom(-1, 1)),
  }),
);

/** The next step that anyone takes, or anything that happens. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 14, arbitrary: create },
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constant("put" as const),
      which,
      bytes: fc.oneof(
        { weight: 9, arbitrary: fc.constant("right" as const) },
        fc.constantFrom("other" as const, "longer" as const, "cut" as const),
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("swap" as const), which }) },
  { weight: 4, arbitrary: taken(fc.record({ do: fc.constant("remint" as const), which })) },
  { weight: 4, arbitrary: taken(fc.record({ do: fc.constant("turn" as const), which })) },
  {
    weight: 6,
    arbitrary: taken(
      fc.record({
        do: fc.constant("mint-parts" as const),
        which,
        parts: fc.oneof(
          { weight: 6, arbitrary: fc.constant([1, 2]) },
          { weight: 3, arbitrary: fc.constantFrom([1], [2], [3]) },
        ),
        other: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, fc.constant(true)),
      }),
    ),
  },
  { weight: 16, arbitrary: complete },
  { weight: 7, arbitrary: taken(fc.record({ do: fc.constant("abort" as const), which })) },
  { weight: 2, arbitrary: taken(fc.record({ do: fc.constant("tell" as const), which })) },
  { weight: 20, arbitrary: work },
  { weight: 3, arbitrary: ask },
  { weight: 4, arbitrary: make },
  { weight: 4, arbitrary: taken(fc.record({ do: fc.constant("sweep" as const) })) },
  { weight: 2, arbitrary: taken(fc.record({ do: fc.constant("reconcile" as const) })) },
  { weight: 2, arbitrary: taken(fc.record({ do: fc.constant("rename" as const), which, off })) },
  { weight: 3, arbitrary: taken(fc.record({ do: fc.constant("trash" as const), which, off })) },
  { weight: 2, arbitrary: taken(fc.record({ do: fc.constant("restore" as const), which, off })) },
  { weight: 2, arbitrary: taken(fc.record({ do: fc.constant("purge" as const), which, off })) },
  {
    weight: 1,
    arbitrary: taken(fc.record({ do: fc.constant("quarantine" as const), which, version: which })),
  },
  { weight: 3, arbitrary: taken(fc.record({ do: fc.constant("release" as const), which, off })) },
  { weight: 5, arbitrary: replace },
  { weight: 5, arbitrary: onVersion },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant("wake" as const), index: fc.nat({ max: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("kill" as const, "renew" as const),
      index: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      seconds: fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(1, minute, minute, 2 * minute, 5 * minute) },
        { weight: 6, arbitrary: fc.constantFrom(10 * minute, 11 * minute) },
        { weight: 3, arbitrary: fc.constantFrom(day, 1.5 * day, 7 * day, 31 * day) },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("skew" as const),
      database: fc.integer({ min: -15, max: 15 }),
      store: fc.integer({ min: -15, max: 15 }),
    }),
  },
);

const newest: Which = { index: 0, fits: true };
const putNewest = fc.constant<Step>({ do: "put", which: newest, bytes: "right" });
/** Of the two parts of a film that were minted last: the first. */
const putFirstPart = fc.constant<Step>({ do: "put", which: { index: 1, fits: true }, bytes: "right" });
const mintNewest = taken(
  fc.record({
    do: fc.constant("mint-parts" as const),
    which: fc.constant(newest),
    parts: fc.constant([1, 2]),
    other: fc.constant(false),
  }),
);
const completeNewest = taken(
  fc.record({
    do: fc.constant("complete" as const),
    which: fc.constant(newest),
    sha256: fc.constant("none" as const),
  }),
);

/** The same step by a process that stops at one of its first calls. */
const asleep = (step: fc.Arbitrary<Step>, lastCall: number): fc.Arbitrary<Step> => {
  const fate = fc.record({
    at: fc.integer({ min: 1, max: lastCall }),
    how: fc.constantFrom("sleep" as const, "sleep-after" as const),
  });
  return fc.tuple(step, fate).map(([one, itsFate]): Step => {
    if (one.do === "put" || one.do === "swap" || !("which" in one || "away" in one)) return one;
    return { ...one, fate: itsFate };
  });
};

const ofNewest = (kinds: readonly ("abort" | "remint" | "turn" | "tell")[]) =>
  taken(fc.record({ do: fc.constantFrom(...kinds), which: fc.constant(newest) }));
const onUpload: fc.Arbitrary<Step> = fc.oneof(
  completeNewest,
  mintNewest,
  ofNewest(["abort", "abort", "remint", "turn", "tell"]),
);
const wakeNewest = fc.constant<Step>({ do: "wake", index: 0 });
const swapNewest = fc.constant<Step>({ do: "swap", which: newest });
const renewOther = fc.constant<Step>({ do: "renew", index: 1 });
const onFile: fc.Arbitrary<Step> = taken(
  fc.record({ do: fc.constantFrom(...(["rename", "trash", "restore", "purge"] as const)), which, off }),
);
/** The owner of the newest file replaces what is current of it. */
const replaceNewest = (who: 0 | 1): fc.Arbitrary<Step> =>
  taken(
    fc.record({
      do: fc.constant("replace" as const),
      which: fc.constant(newest),
      base: fc.constant("current" as const),
      ...announcement,
      who: fc.constant(who),
      as: fc.constant("picture" as const),
      size: fc.integer({ min: 8, max: 2000 }),
      nature: fc.constant("sound" as const),
      again: fc.constant(false),
      ref: fc.constant(undefined),
    }),
  );
const anyReplaceNewest = fc.oneof(replaceNewest(0), replaceNewest(1));
const restoreNewest = fc.constant<Step>({ do: "restore-version", which: newest, version: newest, off: 0 });
/** Of a version that is current, mostly. */
const purgeNewest = fc.constant<Step>({
  do: "purge-version",
  which: newest,
  version: { index: 1, fits: false },
  off: 0,
});
const onNewestFile: fc.Arbitrary<Step> = fc
  .constantFrom("trash" as const, "purge" as const)
  .map((what) => ({ do: what, which: newest, off: 0 }));
/** What befalls a file while something is about to take its place. */
const onHistory: fc.Arbitrary<Step> = fc.oneof(onFile, onVersion, onVersion);
const createOfBob = (as: "film" | "large") =>
  fc.constant<Step>({ do: "create", who: 1, as, size: "free", nature: "sound", silent: true, again: false });
const createFilm = createOfBob("film");
const createLarge = createOfBob("large");
const mintAll = fc.constant<Step>({ do: "mint-parts", which: newest, parts: [1, 2], other: false });
const waitForLitter = fc.constant<Step>({ do: "wait", seconds: 1.5 * day });
const reconcileOnce = taken(fc.record({ do: fc.constant("reconcile" as const) }));
const waitForUrls = fc.constant<Step>({ do: "wait", seconds: 12 * minute });
const sweepOnce = taken(fc.record({ do: fc.constant("sweep" as const) }));
const waitForLease = fc.constant<Step>({ do: "wait", seconds: 2 * minute });

const quarantineNewest = fc.constant<Step>({ do: "quarantine", which: newest, version: newest });
const releaseNewest = fc.constant<Step>({ do: "release", which: newest, off: 0 });

/** What comes one after the other oftener than by chance: a client that sends what it announced, a worker that follows. */
const fragment: fc.Arbitrary<readonly Step[]> = fc.oneof(
  { weight: 24, arbitrary: anyStep.map((step) => [step]) },
  { weight: 1, arbitrary: fc.tuple(create, putNewest) },
  { weight: 1, arbitrary: fc.tuple(create, putNewest, completeNewest) },
  { weight: 1, arbitrary: fc.tuple(create, putNewest, completeNewest, work) },
  { weight: 1, arbitrary: fc.tuple(create, mintNewest, putFirstPart, putNewest, completeNewest) },
  { weight: 1, arbitrary: fc.tuple(mintNewest, putFirstPart, putNewest, completeNewest, work) },
  { weight: 1, arbitrary: fc.tuple(complete, work) },
  // One is overtaken by another: a client's requests by each other and by the sweeper, a worker by the next.
  { weight: 1, arbitrary: fc.tuple(create, putNewest, asleep(onUpload, 3), onUpload, wakeNewest) },
  { weight: 1, arbitrary: fc.tuple(asleep(onUpload, 3), fc.oneof(onUpload, anyStep), wakeNewest) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      createFilm,
      mintAll,
      putFirstPart,
      putNewest,
      asleep(completeNewest, 3),
      onUpload,
      wakeNewest,
    ),
  },
  { weight: 2, arbitrary: fc.tuple(completeNewest, asleep(work, 5), swapNewest, wakeNewest) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      completeNewest,
      asleep(work, 5),
      waitForLease,
      asleep(work, 5),
      renewOther,
      wakeNewest,
    ),
  },
  { weight: 1, arbitrary: fc.tuple(createLarge, ofNewest(["turn"]), ofNewest(["abort", "remint", "turn"])) },
  { weight: 2, arbitrary: fc.tuple(completeNewest, work, onFile, onFile) },
  { weight: 2, arbitrary: fc.tuple(onFile, onFile) },
  // What is asked for is made, while its file is trashed, purged or replaced, or another maker takes it over.
  { weight: 2, arbitrary: fc.tuple(completeNewest, work, ask, make, ask) },
  { weight: 1, arbitrary: fc.tuple(ask, asleep(make, 3), fc.oneof(onFile, onVersion), wakeNewest) },
  { weight: 1, arbitrary: fc.tuple(ask, asleep(make, 3), waitForLease, make, wakeNewest) },
  { weight: 1, arbitrary: fc.tuple(anyReplaceNewest, putNewest, completeNewest, work, purgeNewest) },
  { weight: 1, arbitrary: fc.tuple(quarantineNewest, fc.oneof(onFile, onVersion), releaseNewest) },
  { weight: 1, arbitrary: fc.tuple(anyReplaceNewest, putNewest, completeNewest, quarantineNewest, work) },
  { weight: 2, arbitrary: fc.tuple(anyReplaceNewest, putNewest, completeNewest, work, onHistory) },
  { weight: 2, arbitrary: fc.tuple(anyReplaceNewest, putNewest, completeNewest, onNewestFile, work) },
  { weight: 1, arbitrary: fc.tuple(completeNewest, asleep(work, 5), onHistory, wakeNewest) },
  { weight: 1, arbitrary: fc.tuple(asleep(onVersion, 1), onHistory, wakeNewest) },
  // Two are to take the place of one: the second to be ready is a conflict.
  ...([0, 1] as const).map((who) => ({
    weight: 1,
    arbitrary: fc.tuple(
      replaceNewest(who),
      putNewest,
      replaceNewest(who),
      putNewest,
      completeNewest,
      completeNewest,
      work,
      work,
      restoreNewest,
      onVersion,
    ),
  })),
  // Litter is looked for while one that stopped days ago has still something to do.
  {
    weight: 1,
    arbitrary: fc.tuple(completeNewest, asleep(work, 5), waitForLitter, reconcileOnce, wakeNewest),
  },
  { weight: 1, arbitrary: fc.tuple(asleep(onUpload, 3), waitForUrls, sweepOnce, wakeNewest) },
  { weight: 1, arbitrary: fc.tuple(completeNewest, asleep(work, 5), waitForLease, work, wakeNewest) },
  {
    weight: 1,
    arbitrary: fc.tuple(asleep(work, 5), waitForLease, asleep(work, 5), wakeNewest, anyStep, wakeNewest),
  },
);

/** Sequences of steps, each as likely as the next: small numbers are no more telling than large ones here. */
export const someSteps = (fragments: number): fc.Arbitrary<Step[]> =>
  fc
    .noBias(fc.array(fragment, { minLength: 1, maxLength: fragments, size: "max" }))
    .map((lists) => lists.flat());
