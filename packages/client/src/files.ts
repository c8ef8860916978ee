import type { CreateDownloadsResponse, File, FileList, WireRequest } from "@stowage/protocol";
import { type AskApi, hasItems, hasMember } from "./api-request.ts";
import { ProblemError, UnexpectedAnswerError } from "./errors.ts";
import type { Abortable, AbortSignalLike } from "./ports.ts";
import { queryOf } from "./query.ts";

export interface Files {
  /** One's own, newest first. `limit` 1 to 200, default 50. */
  list(
    options?: Abortable & {
      readonly cursor?: string | undefined;
      readonly limit?: number;
      readonly scope?: "own" | "trash";
    },
  ): Promise<FileList>;
  /** @throws ProblemError `not-found` */
  get(id: string, options?: Abortable): Promise<File>;
  /**
   * A presigned GET: of the original, or of a derivative such as `thumbnail`.
   *
   * @throws ProblemError `not-found`
   */
  download(
    id: string,
    options?: Abortable & {
      readonly derivative?: string | undefined;
      readonly disposition?: "inline" | "attachment";
    },
  ): Promise<WireRequest>;
  /**
   * Into the trash, where it can be restored for 30 days; with `permanent` for good. What changed in between stays.
   *
   * @throws ProblemError `not-found`, `precondition-failed`
   */
  remove(id: string, options?: Abortable & { readonly permanent?: boolean }): Promise<void>;
  /**
   * Out of the trash. One that is not in it stays as it is.
   *
   * @throws ProblemError `not-found`, `precondition-failed`
   */
  restore(id: string, options?: Abortable): Promise<File>;
}

export function createFiles(askApi: AskApi): Files {
  const pathOf = (id: string) => `/v1/files/${encodeURIComponent(id)}`;

  const getWithEtag = (id: string, signal: AbortSignalLike | undefined) =>
    askApi({ method: "GET", path: pathOf(id), signal }, ({ json, etag }) =>
      hasMember(json, "id") ? { file: json as unknown as File, etag } : undefined,
    );

  const isRemoved = async (id: string, error: unknown, signal: AbortSignalLike | undefined) => {
    if (!(error instanceof ProblemError)) return false;
    if (error.code === "not-found") return true;
    return error.code === "precondition-failed" && (await getWithEtag(id, signal)).file.state === "trashed";
  };

  return {
    list: ({ signal, ...query } = {}) =>
      askApi({ method: "GET", path: `/v1/files${queryOf(query)}`, signal }, ({ json }) =>
        hasItems(json) ? (json as unknown as FileList) : undefined,
      ),
    get: async (id, { signal } = {}) => (await getWithEtag(id, signal)).file,
    async download(id, { signal, ...what } = {}) {
      const [item] = await askApi(
        { method: "POST", path: "/v1/downloads", body: { files: [{ id, ...what }] }, signal },
        ({ json }) => (hasItems(json, 1) ? (json.items as CreateDownloadsResponse["items"]) : undefined),
      );
      if (item?.request) return item.request;
      if (item?.problem) throw new ProblemError(item.problem);
      throw new UnexpectedAnswerError("POST /v1/downloads", 200);
    },
    async remove(id, { signal, permanent = false } = {}) {
      const { etag } = await getWithEtag(id, signal);
      if (!etag) throw new UnexpectedAnswerError(`GET ${pathOf(id)}`, 200);
      let repeated = false;
      try {
        await askApi(
          {
            method: "DELETE",
            path: `${pathOf(id)}${permanent ? "?permanent=true" : ""}`,
            ifMatch: etag,
            signal,
            onWait: () => {
              repeated = true;
            },
          },
          ({ status, json }) => status === 204 || hasMember(json, "id") || undefined,
        );
      } catch (error) {
        // A first try whose answer was lost may have done it.
        if (!repeated || !(await isRemoved(id, error, signal))) throw error;
      }
    },
    async restore(id, { signal } = {}) {
      const { file, etag } = await getWithEtag(id, signal);
      if (file.state !== "trashed") return file;
      if (!etag) throw new UnexpectedAnswerError(`GET ${pathOf(id)}`, 200);
      return askApi({ method: "POST", path: `${pathOf(id)}/restore`, ifMatch: etag, signal }, ({ json }) =>
        hasMember(json, "id") ? (json as unknown as File) : undefined,
      );
    },
  };
}
