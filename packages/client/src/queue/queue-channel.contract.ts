import type { QueueChannel } from "./queue-channel.ts";

// Runs in Node and in pages alike: it needs neither's assertions.

export interface QueueChannelCase {
  readonly name: string;
  /** @param open - a channel by its name; each is another program's */
  run(open: (name: string) => QueueChannel, name: string): Promise<void>;
}

function assertSame(actual: unknown, expected: unknown): void {
  const [is, shouldBe] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== shouldBe) throw new Error(`heard ${is}, and not ${shouldBe}`);
}

/** What comes until `"end"`. */
function hearing(channel: QueueChannel): Promise<unknown[]> {
  return new Promise((resolve) => {
    const heard: unknown[] = [];
    channel.listen((message) => {
      if (message === "end") resolve(heard);
      else heard.push(message);
    });
  });
}

/** What every QueueChannel holds; each case with a name of its own. */
export const queueChannelCases: readonly QueueChannelCase[] = [
  {
    name: "tells all others what is posted, in order, and not who posts",
    async run(open, name) {
      const [one, two, three] = [open(name), open(name), open(name)];
      const heard = [hearing(two), hearing(three)];
      const ownHeard = hearing(one);
      one.post({ ids: ["a", "b"], more: null });
      one.post(2);
      one.post("end");
      for (const each of await Promise.all(heard)) assertSame(each, [{ ids: ["a", "b"], more: null }, 2]);
      two.post("end");
      assertSame(await ownHeard, []);
      for (const channel of [one, two, three]) channel.close();
    },
  },
  {
    name: "tells nothing to who has stopped listening, or is closed",
    async run(open, name) {
      const [one, two, closed] = [open(name), open(name), open(name)];
      let afterStop = 0;
      const count = () => {
        afterStop += 1;
      };
      two.listen(count)();
      closed.listen(count);
      closed.close();
      const heard = hearing(two);
      one.post(1);
      one.post("end");
      assertSame(await heard, [1]);
      assertSame(afterStop, 0);
      one.close();
      two.close();
    },
  },
  {
    name: "keeps apart what has different names",
    async run(open, name) {
      const [one, same, other] = [open(name), open(name), open(`${name} `)];
      const heard = hearing(other);
      one.post("not for the other");
      const sender = open(`${name} `);
      sender.post("end");
      assertSame(await heard, []);
      for (const channel of [one, same, other, sender]) channel.close();
    },
  },
];
