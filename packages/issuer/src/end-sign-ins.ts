import type { IssuerPorts } from "./issuer-ports.ts";

/** See `Issuer.endSignIns`. */
export async function endSignIns({ database, store, now }: IssuerPorts, accountId: string): Promise<void> {
  await database.write(() => store.endSessions(accountId, Math.floor(now().getTime() / 1000)));
}
