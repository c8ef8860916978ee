import type { IncomingMessage } from "node:http";
import { addressBlockOf } from "./address-block.ts";
import type { HttpContext } from "./http-context.ts";
import { RequestRefusedError } from "./request-refused-error.ts";
import { signInLimits } from "./sign-in-limits.ts";

/** Our clients' requests have some 700. */
const maxQueryCharacters = 4096;

/**
 * Each sign-in that is begun is kept for an hour, finished or not, with what its request said: so both how many one
 * address begins and how much they say is bounded.
 *
 * @throws {RequestRefusedError}
 */
export async function limitStarts(
  { ports, clientAddress, tell }: HttpContext,
  request: IncomingMessage,
): Promise<void> {
  const { url = "" } = request;
  if (url.length > maxQueryCharacters)
    throw new RequestRefusedError(414, `A request to sign in has ${maxQueryCharacters} characters at most.`);
  const address = clientAddress(request);
  const key = ["start", addressBlockOf(address)] as const;
  const refusal = await ports.tries.begin([[key, signInLimits.start]], ports.now().getTime());
  if (!refusal) return;
  tell({ type: "sign-in-refused", reason: "too-many", address });
  throw RequestRefusedError.tooMany(refusal.waitSeconds);
}
