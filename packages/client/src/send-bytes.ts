import type { Upload } from "@stowage/protocol";
import type { FileSource } from "./ports.ts";
import { type SendOptions, type SendPartsNeeds, sendParts } from "./send-parts.ts";
import { type PendingUpload, type SendWholeNeeds, sendWhole } from "./send-whole.ts";
import type { SendSlots } from "./slots.ts";

export type SendNeeds<Source extends FileSource> = SendWholeNeeds<Source> & SendPartsNeeds<Source>;

/**
 * Sends a pending upload's bytes as the API says, whole or in parts, until it says that they are there.
 *
 * @returns the upload, past pending
 * @throws ProblemError (`upload-gone` …), StoreRefusedError, FileChangedError, and what the ports' adapters throw
 */
export async function sendBytes<Source extends FileSource>(
  needs: SendNeeds<Source>,
  slots: SendSlots,
  file: Source,
  pending: PendingUpload,
  options: SendOptions,
): Promise<Upload> {
  const { transfer } = pending.upload;
  if (transfer?.kind === "multipart") return sendParts(needs, slots, file, pending.upload, transfer, options);
  const upload = await sendWhole(needs, slots.requests, file, pending, options);
  return upload.transfer?.kind === "multipart"
    ? sendParts(needs, slots, file, upload, upload.transfer, options)
    : upload;
}
