import type { FileRecord } from "../../file.ts";
import { actsAsPerson, type Principal } from "../../policy/principal.ts";
import { type Refusal, RefusedError } from "../../refusal.ts";
import type { ServicePorts } from "../ports.ts";
import { unsealRevealed } from "./unseal-files.ts";

/** Of a file that its owner knows to be there, and nobody may see before its time. */
export const sealed: Refusal = {
  code: "sealed",
  detail: "The file is sealed: nobody sees it, and nobody can be shown it, before its album is revealed.",
};

export const isOwnSealed = (principal: Principal, { ownerId, state }: FileRecord): boolean =>
  state === "sealed" && principal.id === ownerId && actsAsPerson(principal);

/**
 * For what an owner may not do with what they sent before its reveal, and is told so instead of that it is not there.
 *
 * @throws RefusedError `sealed`
 */
export async function assertNotOwnSealed(
  ports: Pick<ServicePorts, "metadata">,
  principal: Principal,
  fileId: string,
): Promise<void> {
  const found = await ports.metadata.findFile(fileId);
  if (found?.state !== "sealed") return;
  const [file] = await unsealRevealed(ports, [found]);
  if (file && isOwnSealed(principal, file)) throw new RefusedError(sealed);
}
