import { createSecretKey } from "node:crypto";
import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createPostPolicyVerifier, createVerifier, type VerifierOptions } from "@stowage/sigv4";
import { createNotifier, type NotificationOptions } from "./events/notifier.ts";
import type { ObjectEvent } from "./events/object-event.ts";
import { answerBadRequest } from "./http/answer-bad-request.ts";
import { createCors } from "./http/cors.ts";
import { handleRequest, type RequestHandling } from "./http/handle-request.ts";
import type { LogEntry } from "./http/log.ts";
import { createTrickleWatch } from "./http/trickle-watch.ts";
import { createLifecycle } from "./lifecycle/apply-lifecycle.ts";
import { checkLifecycle, type LifecycleRule } from "./lifecycle/lifecycle-rule.ts";
import { runLifecycle } from "./lifecycle/run-lifecycle.ts";
import { repeatEvery } from "./repeat-every.ts";
import { createDiskStore } from "./storage/disk-store.ts";
import { diskFileOperations, type FileOperations } from "./storage/file-operations.ts";

export interface BucketServerOptions {
  /** Where the server keeps its files, and nothing else does. Made if missing, its parent is not. */
  readonly directory: string;
  /** The one bucket's name. Addressing is path-style: `http://host:port/<bucket>/<key>`. */
  readonly bucket: string;
  readonly region: string;
  /** Who may sign, and may thereby do everything. */
  readonly credentials: readonly {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly allow?: "all";
  }[];
  /** 32 bytes that every object's own key is derived from. Another one than at the first start is refused. */
  readonly masterKey: Uint8Array;
  /** Of what one request brings, an object or a part of one. Default 5 GiB. */
  readonly maxObjectSizeBytes?: number;
  /** Of an object that is uploaded in parts. Default 5 TiB. */
  readonly maxMultipartSizeBytes?: number;
  /** The longest life of a presigned URL, or of a form's policy, that is accepted, 1 to 604800 seconds. Default 3600. */
  readonly maxPresignedExpiresInSeconds?: number;
  /** Origins whose pages may read answers, exactly as browsers send them. Default none. */
  readonly corsOrigins?: readonly string[];
  /** Whom to tell of objects that come and go. Default nobody. */
  readonly notifications?: readonly NotificationOptions[];
  /** What happens to old objects and unfinished uploads by itself. Default nothing. */
  readonly lifecycle?: readonly LifecycleRule[];
  /** Between two times that the lifecycle rules are applied. Default 3,600,000 ms, an hour. */
  readonly lifecycleEveryMs?: number;
  readonly now?: () => Date;
  readonly log?: (entry: LogEntry) => void;
  /** How long a client may take for a request's head. Default 20,000 ms. */
  readonly headersTimeoutMs?: number;
  /**
   * How long a connection may stand still within a request. A body must also bring 64 bytes a second over any window of
   * that length but the first. Default 60,000 ms.
   */
  readonly idleTimeoutMs?: number;
  /** How long `close` waits for requests under way. Default 10,000 ms. */
  readonly closeTimeoutMs?: number;
  /** Whether what nobody needs, such as halves of what was being sent, is looked for and removed. Default `true`. */
  readonly sweeps?: boolean;
  /** How often that is done, besides at the start. Default six hours. */
  readonly sweepEveryMs?: number;
  /** The disk; tests put faults here. */
  readonly fileOperations?: FileOperations;
}

export interface BucketServer {
  readonly server: http.Server;
  /**
   * Opens the directory and listens. Port 0 takes a free one. Rejects with Node's error for a busy port,
   * and with MasterKeyMismatchError or HardLinksLostError.
   */
  listen(where: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }>;
  /**
   * Takes no more requests, lets those under way end, tries for a second to deliver the events that wait, and resolves
   * when no request is left and no file is open.
   */
  close(): Promise<void>;
}

const fiveGib = 5 * 1024 ** 3;
const fiveTib = 5 * 1024 ** 4;

/** A presigned URL outlives what it says by as much as its date is ahead (decision record 0070). */
const maxPresignedAheadMs = 60_000;
/** A connection is worth keeping; one that is never renewed keeps a balancer from moving it. */
const maxRequestsPerConnection = 10_000;
const hourMs = 60 * 60 * 1000;
const sixHoursMs = 6 * 60 * 60 * 1000;
const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** An S3 server over a directory. Throws RangeError for an option out of its range. */
export function createBucketServer(options: BucketServerOptions): BucketServer {
  if (!bucketName.test(options.bucket)) throw new RangeError("bucket: not a bucket's name");
  if (options.masterKey.length !== 32) throw new RangeError("masterKey: must have 32 bytes");
  const now = options.now ?? (() => new Date());
  const log = options.log ?? (() => undefined);
  const store = createDiskStore({
    directory: options.directory,
    masterKey: createSecretKey(options.masterKey),
    operations: options.fileOperations ?? diskFileOperations,
    now,
    onDamage: (what, error) => log({ level: "error", msg: "object corrupt", what, error }),
    onCleanupFailure: (error) => log({ level: "warn", msg: "removal failed, will be tried again", error }),
  });
  const { bucket, region } = options;
  const notifiers = (options.notifications ?? []).map((each) =>
    createNotifier(each, { bucket, region, now, log }),
  );
  const secrets = new Map(options.credentials.map((key) => [key.accessKeyId, key.secretAccessKey]));
  const verifying: VerifierOptions = {
    region,
    findSecretAccessKey: (accessKeyId) => secrets.get(accessKeyId),
    now,
    maxPresignedAheadMs,
    maxExpiresInSeconds: options.maxPresignedExpiresInSeconds ?? 3600,
  };
  const cors = createCors(options.corsOrigins ?? []);
  const rules = checkLifecycle(options.lifecycle ?? []);
  const announce = (event: ObjectEvent): void => {
    for (const { notify } of notifiers) notify(event);
  };
  const handling: RequestHandling = {
    operations: {
      store,
      bucket: options.bucket,
      region: options.region,
      maxObjectSizeBytes: options.maxObjectSizeBytes ?? fiveGib,
      maxMultipartSizeBytes: options.maxMultipartSizeBytes ?? fiveTib,
      cors: cors.rules,
      lifecycle: rules,
    },
    verify: createVerifier(verifying),
    verifyPolicy: createPostPolicyVerifier(verifying),
    cors,
    announce,
    log,
  };

  /** Requests may come in between the port's opening and the directory's. */
  let prepared: Promise<void> = Promise.resolve();
  const backgroundWork: { stop(): Promise<void> }[] = [];
  const underWay = new Map<http.ServerResponse, Promise<void>>();
  let isClosing = false;
  const handle = (
    request: http.IncomingMessage,
    response: http.ServerResponse,
    expectsContinue: boolean,
  ): void => {
    if (isClosing) leave(response);
    const handled = prepared
      .then(() => handleRequest(handling, request, response, expectsContinue))
      .catch((error: unknown) => {
        log({ level: "error", msg: "request crashed", error });
        response.destroy();
      })
      .finally(() => underWay.delete(response));
    underWay.set(response, handled);
  };
  /** Ends a response's connection with it, rather than keep it for a next request. */
  const leave = (response: http.ServerResponse): void => {
    if (!response.headersSent) response.setHeader("connection", "close");
    response.once("close", () => server.closeIdleConnections());
  };

  const server = http.createServer({
    headersTimeout: options.headersTimeoutMs ?? 20_000,
    // A body may take hours, as long as it moves.
    requestTimeout: 0,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: 65_000,
  });
  const idleTimeoutMs = options.idleTimeoutMs ?? 60_000;
  server.timeout = idleTimeoutMs;
  const endTrickles = createTrickleWatch(idleTimeoutMs);
  const trickleTimer = setInterval(() => {
    endTrickles([...underWay.keys()].map(({ req }) => req));
  }, idleTimeoutMs).unref();
  server.maxRequestsPerSocket = maxRequestsPerConnection;
  server.on("request", (request, response) => handle(request, response, false));
  server.on("checkContinue", (request, response) => handle(request, response, true));
  const hasBegunAnswer = (socket: Duplex): boolean =>
    [...underWay.keys()].some((response) => response.socket === socket && response.headersSent);
  server.on("clientError", (error, socket) =>
    answerBadRequest(error, socket as Socket, hasBegunAnswer(socket)),
  );

  const beginBackgroundWork = (): void => {
    if (options.sweeps ?? true)
      backgroundWork.push(
        repeatEvery(options.sweepEveryMs ?? sixHoursMs, store.sweep, (error) =>
          log({ level: "error", msg: "sweep failed", error }),
        ),
      );
    if (rules.length === 0) return;
    const onFailure = (error: unknown): void =>
      log({ level: "warn", msg: "a lifecycle rule could not remove something", error });
    const applyRules = createLifecycle(rules, { store, now, announce, onFailure });
    backgroundWork.push(runLifecycle(applyRules, options.lifecycleEveryMs ?? hourMs, log));
  };

  const close = async (): Promise<void> => {
    isClosing = true;
    clearInterval(trickleTimer);
    for (const response of underWay.keys()) leave(response);
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    const impatience = setTimeout(() => server.closeAllConnections(), options.closeTimeoutMs ?? 10_000);
    await closed;
    clearTimeout(impatience);
    await Promise.all([...underWay.values(), ...backgroundWork.map((each) => each.stop())]);
    await Promise.all(notifiers.map((notifier) => notifier.close()));
  };

  return {
    server,

    async listen({ host, port }) {
      const { promise, resolve: ready, reject: unfit } = Promise.withResolvers<void>();
      prepared = promise;
      // Told to whoever called listen; there may be no request to meet it as well.
      prepared.catch(() => undefined);
      // First the port: who finds it taken has no business in a directory that another server uses.
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, host, () => {
          server.off("error", reject);
          resolve();
        });
      });
      try {
        await store.prepare({ sweeps: options.sweeps ?? true });
        beginBackgroundWork();
        ready();
      } catch (error) {
        unfit(error);
        await close();
        throw error;
      }
      return { port: (server.address() as AddressInfo).port };
    },

    close,
  };
}
