import type { IssuerAccounts } from "@stowage/core";
import type { Issuer } from "@stowage/issuer";
import { embeddedIssuerUrl } from "./embedded-issuer-url.ts";

/** The accounts of the issuer on this machine. */
export function embeddedAccounts(issuer: Issuer, publicUrl: string): IssuerAccounts {
  const own = embeddedIssuerUrl(publicUrl);
  return {
    issuer: own,
    endSignIns: async (person) => {
      if (person.issuer === own) await issuer.endSignIns(person.subject);
    },
    remove: async (person) => {
      if (person.issuer === own) await issuer.removeAccount(person.subject);
    },
  };
}

/**
 * For a process that hardly ever has to do with accounts: opens the issuer's database for each one that is removed. Whoever is asked for was of this
 * machine's issuer when they deleted their account, whatever its address or whether it runs now.
 */
export const rarelyOpenedAccounts = (directory: string): Pick<IssuerAccounts, "remove"> => ({
  remove: async ({ subject }) => {
    // A provider's worth of memory, which such a process has no other use for.
    const { openIssuer } = await import("@stowage/issuer");
    const issuer = await openIssuer({ directory });
    try {
      await issuer.removeAccount(subject);
    } finally {
      issuer.close();
    }
  },
});
