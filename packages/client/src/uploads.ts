import type { Upload, UploadList } from "@stowage/protocol";
import type { AwaitVerdict } from "./await-verdict.ts";
import type { Lent } from "./lent.ts";
import type { Abortable } from "./ports.ts";
import { queryOf } from "./query.ts";

export interface Uploads {
  /** With its timeline in `events`. Throws ProblemError `not-found`. */
  get(id: string, options?: Abortable): Promise<Upload>;
  /** One's own, newest first. `limit` 1 to 200, default 50. */
  list(
    options?: Abortable & {
      readonly state?: Upload["state"];
      readonly cursor?: string | undefined;
      readonly limit?: number;
    },
  ): Promise<UploadList>;
  /** Ends a pending upload for good. Throws ProblemError `not-found`, `upload-not-pending`. */
  abort(id: string, options?: Abortable): Promise<Upload>;
  /**
   * Resolves once the upload is `ready` or `rejected`, however long that takes. Many that are waited for share requests.
   *
   * @throws ClientError `upload-gone` where it never will be
   */
  verdict(id: string, options?: Abortable): Promise<Upload>;
}

export function createUploads({ askApi, hasItems, hasMember }: Lent, awaitVerdict: AwaitVerdict): Uploads {
  const pathOf = (id: string) => `/v1/uploads/${encodeURIComponent(id)}`;
  return {
    get: (id, { signal } = {}) =>
      askApi({ method: "GET", path: pathOf(id), signal }, ({ json }) =>
        hasMember(json, "id") ? (json as unknown as Upload) : undefined,
      ),
    list: ({ signal, ...query } = {}) =>
      askApi({ method: "GET", path: `/v1/uploads${queryOf(query)}`, signal }, ({ json }) =>
        hasItems(json) ? (json as unknown as UploadList) : undefined,
      ),
    verdict: (id, { signal } = {}) => awaitVerdict(id, { signal }),
    abort: (id, { signal } = {}) =>
      askApi({ method: "DELETE", path: pathOf(id), signal }, ({ json }) =>
        hasMember(json, "upload") ? (json.upload as Upload) : undefined,
      ),
  };
}
