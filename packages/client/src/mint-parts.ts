import type { MintUrlsResponse, PartToSend, WireRequest } from "@stowage/protocol";
import { type AskApi, hasItems, hasMember } from "./api-request.ts";
import { createBatch } from "./batch.ts";
import type { Waiting } from "./batch-request.ts";

/** Most parts that one call of `/urls` takes. */
const maxPartsPerMint = 100;

/**
 * Asks for a request for one part that is about to be sent; those that ask while another mint is on its way share the
 * next. Nothing comes where the upload is past pending: its bytes are no longer wanted.
 *
 * @returns a function that throws ProblemError (`upload-gone` …) and what AskApi throws
 */
export const createMintParts = (
  askApi: AskApi,
  uploadId: string,
  waiting: Waiting,
): ((part: PartToSend) => Promise<WireRequest | undefined>) =>
  createBatch(maxPartsPerMint, async (parts) => {
    const { requests } = await askApi(
      { method: "POST", path: urlsPath(uploadId), body: { parts }, ...waiting },
      ({ json }) => readMint(json, parts.length),
    );
    return requests ?? parts.map(() => undefined);
  });

export const urlsPath = (uploadId: string): string => `/v1/uploads/${encodeURIComponent(uploadId)}/urls`;

const readMint = (json: unknown, count: number): MintUrlsResponse | undefined =>
  hasMember(json, "upload") && (!hasMember(json, "requests") || hasItems({ items: json.requests }, count))
    ? (json as unknown as MintUrlsResponse)
    : undefined;
