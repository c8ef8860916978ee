import type { Part, Upload, WireRequest } from "@stowage/protocol";
import { decideAfterPart, type PartDecision } from "../decide-after-put.ts";
import type { FileSource, PartOf } from "../ports.ts";
import { fewAtOnce } from "./few-at-once.ts";
import type { WorkerPlatform, WorkerRequests } from "./worker-requests.ts";

/**
 * How a worker sends a pending upload's bytes, all that is not there yet: afterwards the API is to be asked whether they are.
 *
 * @returns a function that throws AbortedError, and for what is the page's to say any other error
 */
export function createSendUpload<Source extends FileSource>(
  { ask, put, pause }: WorkerRequests<Source>,
  sha256Of: WorkerPlatform<Source>["sha256"],
) {
  const mint = async (id: string, body: object) => {
    const { upload, requests = [], detail } = await ask("POST", `/${id}/urls`, "upload", body);
    if (!upload) throw new Error(detail);
    return { transfer: upload.transfer, requests };
  };

  /**
   * @param mintRequest - asked before each try; nothing where the upload is past pending
   * @param whenSilent - where no answer came nobody knows whether the bytes are there: to be asked, or sent again
   * @returns whether the store has them, as far as it says; else the API is to be asked
   */
  const deliver = async (
    bytes: Source | PartOf<Source>,
    mintRequest: () => Promise<WireRequest | undefined>,
    whenSilent: "ask" | "wait",
  ): Promise<boolean> => {
    for (let repeat = 1, isMinted = false; ; ) {
      const request = await mintRequest();
      if (!request) return false;
      const answer = await put(request, bytes);
      const decision: PartDecision = answer
        ? decideAfterPart(answer.status, answer.text, isMinted)
        : whenSilent;
      if (decision === "complete" || decision === "ask") return decision === "complete";
      isMinted = decision === "mint";
      if (decision === "wait") await pause(repeat++, answer?.retryAfterMs);
      else if (!isMinted) throw new Error(answer?.text);
    }
  };

  const sendParts = async (
    source: Source,
    id: string,
    { partSizeBytes, partCount }: { readonly partSizeBytes: number; readonly partCount: number },
  ): Promise<void> => {
    const { items, detail } = await ask<Part>("GET", `/${id}/parts`, "items");
    if (!items) throw new Error(detail);
    const stored = new Map(items.map((part) => [part.partNumber, part]));
    // The others are not wanted once the API is to be asked what became of the upload.
    let isWanted = true;
    await fewAtOnce(Array(partCount).keys(), async (index) => {
      if (!isWanted) return;
      const partNumber = index + 1;
      const offsetBytes = index * partSizeBytes;
      const sizeBytes = Math.min(partSizeBytes, source.sizeBytes - offsetBytes);
      const part = (await source.part(offsetBytes, sizeBytes)) as PartOf<Source>;
      const sha256 = await sha256Of(part);
      const there = stored.get(partNumber);
      if (there?.sha256 === sha256 && there.sizeBytes === sizeBytes) return;
      const mintPart = async () => (await mint(id, { parts: [{ partNumber, sha256 }] })).requests[0];
      isWanted = (await deliver(part, mintPart, "wait")) && isWanted;
    });
  };

  return async (
    source: Source,
    upload: Upload,
    /** It has been presented just now, with its request. */
    isFresh: boolean,
  ): Promise<void> => {
    const { id } = upload;
    let { transfer } = isFresh ? upload : await mint(id, {});
    if (transfer?.kind === "multipart") return sendParts(source, id, transfer);
    const mintWhole = async () => {
      const now = transfer ?? (await mint(id, {})).transfer;
      transfer = undefined;
      return now?.kind === "put" ? now.request : undefined;
    };
    await deliver(source, mintWhole, "ask");
  };
}
