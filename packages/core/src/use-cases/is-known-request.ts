import type { IdempotencyKey } from "../ports/idempotency-commands.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * Whether a request's key came before: its command answers then, and makes nothing. What was right when it was made first is not judged again:
 * a time that was ahead then may be past now.
 */
export const isKnownRequest = async (
  { metadata }: Pick<ServicePorts, "metadata">,
  principalId: string,
  idempotency: IdempotencyKey | undefined,
): Promise<boolean> =>
  idempotency !== undefined && (await metadata.findRepeat({ principalId, ...idempotency })) !== undefined;
