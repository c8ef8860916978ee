import { checkOptions } from "./check-options.ts";
import { checkSources } from "./check-sources.ts";
import { guardPerson } from "./guard-person.ts";
import type { ClientOptions, FileSource } from "./ports.ts";
import { createUploadQueue } from "./queue/create-upload-queue.ts";
import type { OpenQueue } from "./queue/run-queue.ts";
import type { UploadQueue } from "./queue/upload-queue.ts";
import { createUploader, type Uploader } from "./uploader.ts";

/** One person's client of one server (docs/client-api.md). */
export interface Client<Source extends FileSource, Queue extends UploadQueue<Source> = UploadQueue<Source>>
  extends Uploader<Source> {
  readonly uploads: Queue;
  /** Somebody has signed in: what waited for that goes on. */
  signedIn(): void;
  /**
   * Stops everything. `keep`: what has not ended stays on this device, and goes on when this person is back; what is just being
   * copied is waited for, 15 s at most. `delete`: it is ended on the server, as far as that can be reached within 5 s, and erased
   * from this device.
   *
   * @throws ClientError `not-erased` (of `delete`): everything has stopped, and what is unsent is on this device still. Without `person` that
   *   is so where the server has not said yet who it is
   */
  signOut(options: SignOutOptions): Promise<void>;
  /** Stops everything in this program, and forgets nothing. */
  close(): void;
}

export interface SignOutOptions {
  /** What of their uploads has not ended. */
  readonly unsent: "keep" | "delete";
  /**
   * In browsers: what they keep for reading offline goes from this device, whatever becomes of their uploads, since others may use it.
   * `keep`: it stays until its time is over, and is read by nobody else.
   */
  readonly kept?: "keep" | undefined;
}

/** What of a client's options concerns its queue. */
export interface ClientQueueOptions<Source extends FileSource> {
  /**
   * A stable id of the person: what is kept on this device is kept under server and person, and never read under another. Who
   * the server says that it is (`GET /v1/me`) is noted beside it: what is there is sent with no other's token. Where it is their
   * `id` or `subject` there, that holds also of what was added before the server could be asked; of an id of your own that waits
   * for a retry (`unknown-person`), unless it was added with the first token of this program at hand.
   * Default: the id that the server has for them (`GET /v1/me`); until that is known nothing is kept, or sent.
   */
  readonly person?: string | undefined;
  /**
   * Whether files are kept on this device until they are sent. `if-possible` (default): what there is no room for is sent without;
   * `required`: it is refused, with all that was added with it and is not under way; `never`.
   */
  readonly keep?: "if-possible" | "required" | "never" | undefined;
  /** Opens the queue of server and person. Default: one in memory. */
  openQueue?(owner: string): Promise<OpenQueue<Source>>;
}

const askAgainMs = 15_000;
const storeWithinMs = 15_000;
/** After all that was ever added. */
const whenever = 2 ** 53;

/**
 * Everything of a person at a server, over a platform. Nothing is asked of the server before something is wanted of it.
 *
 * @throws RangeError for a number that is out of its range
 */
export function createClient<Source extends FileSource>(
  options: ClientOptions<Source> & ClientQueueOptions<Source>,
): Client<Source> {
  checkOptions(options);
  const server = options.server.replace(/\/+$/, "");
  const client = createClientOf(createUploader<Source>, { ...options, server });
  const { add } = client.uploads;
  // Not a copy: others have its queue, too.
  Object.assign(client.uploads, {
    add: ((sources, addOptions) => add(checkSources(sources), addOptions)) satisfies typeof add,
  });
  return client;
}

/** The same of uploaders that are made otherwise. */
export function createClientOf<Source extends FileSource, Options extends ClientOptions<Source>>(
  create: (options: Options) => Uploader<Source>,
  { keep = "if-possible", openQueue, ...options }: Options & ClientQueueOptions<Source>,
): Client<Source> {
  const platform = options as unknown as Options & Pick<ClientQueueOptions<Source>, "person">;
  const { server, person, clock, abortController } = platform;
  const life = abortController();
  const beganAtMs = Date.now();
  let hasRetried = false;
  let wake: (() => void) | undefined;
  const uploader = create({
    ...platform,
    getToken: guardPerson(platform, async ({ id, subject }, isFirst) => {
      if (person === undefined) return id;
      const inDoubtMs = isFirst ? beganAtMs : whenever;
      const claim = async () => {
        const store = (await queue)?.store;
        return store ? store.claim(id, hasRetried || [id, subject].includes(person) ? 0 : inDoubtMs) : id;
      };
      // Where nothing can be kept, nothing of somebody else's is there.
      return claim()
        .catch(claim)
        .catch(() => id);
    }),
  });

  const whoIsIt = async (): Promise<string> => {
    for (;;) {
      try {
        return (await uploader.me({ signal: life.signal })).id;
      } catch {
        // Nobody is signed in, or nobody answers.
        await Promise.race([
          new Promise<void>((resolve) => {
            wake = resolve;
          }),
          clock.delay(askAgainMs, life.signal),
        ]);
      }
    }
  };
  const opened = async (open: NonNullable<typeof openQueue>) =>
    open(JSON.stringify([server, person ?? (await whoIsIt())]));

  const queue = openQueue && keep !== "never" ? opened(openQueue) : undefined;
  const uploads = createUploadQueue(uploader, {
    queue,
    isKeepingRequired: keep === "required",
    onRetry() {
      hasRetried = true;
    },
  });
  const close = () => {
    life.abort();
    uploads.close();
  };
  return {
    ...uploader,
    uploads,
    signedIn() {
      wake?.();
      uploads.signedIn();
    },
    async signOut({ unsent }) {
      try {
        if (unsent === "delete") await uploads.erase();
        else await Promise.race([uploads.whenStored(), clock.delay(storeWithinMs, life.signal)]);
      } finally {
        close();
      }
    },
    close,
  };
}
