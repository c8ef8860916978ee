import type {
  CreateDownloadsRequest,
  CreateDownloadsResponse,
  File,
  FileList,
  FileVersionList,
  WireRequest,
} from "@stowage/protocol";
import type { ApiAnswer, ApiRequest } from "./api-request.ts";
import type { Lent } from "./lent.ts";
import type { Abortable, AbortSignalLike } from "./ports.ts";
import { queryOf } from "./query.ts";
import { isAsSeen } from "./seen-file.ts";

export interface Files {
  /**
   * A page of one's own files. `limit` 1 to 200, default 50. Its `nextCursor` is good for the same list alone.
   *
   * @throws ProblemError `unsupported-combination` for what {@link FileListQuery} does not say
   */
  list(
    options?: Abortable & FileListQuery & { readonly cursor?: string | undefined; readonly limit?: number },
  ): Promise<FileList>;
  /** @throws ProblemError `not-found` */
  get(id: string, options?: Abortable): Promise<File>;
  /**
   * A presigned GET: of the original, or of a derivative such as `thumbnail`. Many that are asked for in one turn of the
   * event loop share requests of 200. One that is still being made (`derivative-pending`) is asked for again, as what does not
   * answer is.
   *
   * @throws ProblemError `not-found`
   */
  download(id: string, options?: Abortable & Partial<Omit<Download, "id">>): Promise<WireRequest>;
  /**
   * Into the trash, where it can be restored for 30 days; with `permanent` for good. What changed in between stays.
   *
   * @throws ProblemError `not-found`, `precondition-failed`
   */
  remove(id: string, options?: Abortable & Seen & { readonly permanent?: boolean }): Promise<void>;
  /**
   * Out of the trash. One that is not in it stays as it is.
   *
   * @throws ProblemError `not-found`, `precondition-failed`
   */
  restore(id: string, options?: Abortable & Seen): Promise<File>;
  /** A file's history, the newest version first. `limit` 1 to 200, default 50. Throws ProblemError `not-found`. */
  versions(
    id: string,
    options?: Abortable & { readonly cursor?: string | undefined; readonly limit?: number },
  ): Promise<FileVersionList>;
  /**
   * Makes an earlier version, or a conflict, the current one. What is current already stays so.
   *
   * @throws ProblemError `not-found`, `precondition-failed`, `file-not-ready`
   */
  restoreVersion(id: string, version: number, options?: Abortable & Seen): Promise<File>;
  /**
   * Deletes a version that is not current, for good.
   *
   * @throws ProblemError `not-found`, `precondition-failed`, `file-not-ready`, `version-current`
   */
  removeVersion(id: string, version: number, options?: Abortable & Seen): Promise<void>;
  /**
   * Another name, other metadata or both: what is left out stays. Not of a file in the trash.
   *
   * @throws ProblemError `not-found`, `precondition-failed`, `file-not-ready`, `validation-failed`
   */
  update(id: string, update: FileUpdate, options?: Abortable & Seen): Promise<File>;
}

/**
 * Which list of files. What goes together: any `sort` by itself; `type` with `sort` created or taken; `metadata` with
 * created; `q` by itself; what others show one and the trash by themselves.
 */
export interface FileListQuery {
  /**
   * Default `own`. `shared`: with one by name; `organisation`, `public`: what is shown to one's organisation, to everyone. The trash begins
   * with what was trashed last.
   */
  readonly scope?: "own" | "shared" | "organisation" | "public" | "trash" | undefined;
  /**
   * Default `created`: what came last first. `taken`: by when pictures were taken, the others by when they came, newest
   * first. `name`: without regard to case and accents, numbers by their value.
   */
  readonly sort?: "created" | "taken" | "name" | undefined;
  readonly type?: "image" | "document" | "video" | undefined;
  /** Whose name has a word that begins with this: 1 to 4096 bytes of UTF-8, of which 64 characters count. */
  readonly q?: string | undefined;
  /** That have this pair: one. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** What can be changed of a file. */
export interface FileUpdate {
  /** 1 to 4096 bytes of UTF-8. */
  readonly name?: string;
  /** At most 16 pairs: all that there were are replaced. */
  readonly metadata?: Readonly<Record<string, string>>;
}

type Download = CreateDownloadsRequest["files"][number];

/** Most files that one mint of downloads takes. */
const maxDownloadsPerRequest = 200;

export interface Seen {
  /**
   * The file as the person saw it when they decided: where it has changed since, nothing is done and the call throws
   * ProblemError `precondition-failed`. Default: whatever it is now.
   */
  readonly seen?: File | undefined;
}

export function createFiles({
  askApi,
  retry,
  abortable,
  createBatch,
  hasItems,
  hasMember,
  isTransient,
  ProblemError,
  UnexpectedAnswerError,
}: Lent): Files {
  const pathOf = (id: string) => `/v1/files/${encodeURIComponent(id)}`;

  /** As the API says it of an `If-Match` that does not hold. */
  const changedSince = () =>
    new ProblemError({
      type: "about:blank",
      title: "Precondition failed",
      status: 412,
      code: "precondition-failed",
      detail: "The file has been changed in the meantime.",
    });

  const getWithEtag = (id: string, signal: AbortSignalLike | undefined) =>
    askApi({ method: "GET", path: pathOf(id), signal }, ({ json, etag }) =>
      hasMember(json, "id") ? { file: json as unknown as File, etag } : undefined,
    );

  const mint = createBatch(maxDownloadsPerRequest, (files: Download[]) =>
    askApi({ method: "POST", path: "/v1/downloads", body: { files } }, ({ json }) =>
      hasItems(json, files.length) ? (json.items as CreateDownloadsResponse["items"]) : undefined,
    ),
  );

  /**
   * Makes a change of the file as it is, and as it was seen where that was told. `isDone` says whether what is there now
   * (`undefined`: nothing) is what was asked for, and answers it; `before` is the file as it was. It is asked first, and
   * again where a first try whose answer was lost may have done it, so that a second one finds the file changed (by us) or
   * gone.
   */
  const change = async <T>(
    id: string,
    { signal, seen }: Abortable & Seen,
    [method, path, body]: readonly [ApiRequest["method"], path: string, body?: object],
    read: (answer: ApiAnswer) => T | undefined,
    isDone: (now: File | undefined, before: File) => T | undefined,
  ): Promise<T> => {
    const { file, etag } = await getWithEtag(id, signal);
    if (!etag) throw new UnexpectedAnswerError(`GET ${pathOf(id)}`, 200);
    if (seen && !isAsSeen(file, seen)) throw changedSince();
    const already = isDone(file, file);
    if (already) return already;
    let repeated = false;
    const onWait = () => {
      repeated = true;
    };
    try {
      return await askApi(
        {
          method,
          path: pathOf(id) + path,
          ...(body && { body }),
          headers: { "if-match": etag },
          signal,
          onWait,
        },
        read,
      );
    } catch (error) {
      if (!repeated || !(error instanceof ProblemError)) throw error;
      const done =
        error.code === "not-found"
          ? isDone(undefined, file)
          : error.code === "precondition-failed"
            ? isDone((await getWithEtag(id, signal)).file, file)
            : undefined;
      if (done === undefined) throw error;
      return done;
    }
  };

  const readFile = ({ json }: ApiAnswer) => (hasMember(json, "id") ? (json as unknown as File) : undefined);

  const page = <List>(
    path: string,
    query: Parameters<typeof queryOf>[0],
    signal: AbortSignalLike | undefined,
  ): Promise<List> =>
    askApi({ method: "GET", path: path + queryOf(query), signal }, ({ json }) =>
      hasItems(json) ? (json as unknown as List) : undefined,
    );

  const isAnswered = ({ status, json }: ApiAnswer) => status === 204 || hasMember(json, "id") || undefined;

  return {
    list: ({ signal, metadata = {}, ...query } = {}) => {
      const pairs = Object.entries(metadata).map(([name, value]) => [`metadata.${name}`, value]);
      return page("/v1/files", { ...query, ...Object.fromEntries(pairs) }, signal);
    },
    get: async (id, { signal } = {}) => (await getWithEtag(id, signal)).file,
    async download(id, { signal, ...what } = {}) {
      for (let repeat = 1; ; repeat += 1) {
        const { request, problem } = await abortable(mint({ id, ...what }), signal);
        if (request) return request;
        if (!problem) throw new UnexpectedAnswerError("POST /v1/downloads", 200);
        const error = new ProblemError(problem);
        if (!isTransient(error)) throw error;
        await retry.pause(error, repeat, signal);
      }
    },
    remove: async (id, { permanent = false, ...options } = {}) => {
      await change(
        id,
        options,
        ["DELETE", permanent ? "?permanent=true" : ""],
        isAnswered,
        (now) => !now || (!permanent && now.state === "trashed") || undefined,
      );
    },
    update: (id, update, options = {}) =>
      change(id, options, ["PATCH", "", update], readFile, (now, before) =>
        now && isAsSeen(now, { ...before, ...update }) ? now : undefined,
      ),
    restore: (id, options = {}) =>
      change(id, options, ["POST", "/restore"], readFile, (now) =>
        now?.state === "trashed" ? undefined : now,
      ),
    versions: (id, { signal, ...query } = {}) => page(`${pathOf(id)}/versions`, query, signal),
    restoreVersion: (id, version, options = {}) =>
      change(id, options, ["POST", `/versions/${version}/restore`], readFile, (now) =>
        now?.version === version ? now : undefined,
      ),
    removeVersion: async (id, version, options = {}) => {
      // A version that is gone is told before an ETag that does not match.
      await change(id, options, ["DELETE", `/versions/${version}`], isAnswered, (now) => !now || undefined);
    },
  };
}
