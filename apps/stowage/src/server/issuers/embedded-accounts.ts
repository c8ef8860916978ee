import type { IssuerAccounts } from "@stowage/core";
import type { Issuer } from "@stowage/issuer";
import { embeddedIssuerUrl } from "./embedded-issuer-url.ts";

/** The accounts of the issuer on this machine. */
export function embeddedAccounts(issuer: Issuer, publicUrl: string): IssuerAccounts {
  const own = embeddedIssuerUrl(publicUrl);
  return {
    endSignIns: async (person) => {
      if (person.issuer === own) await issuer.endSignIns(person.subject);
    },
    remove: async (person) => {
      if (person.issuer === own) await issuer.removeAccount(person.subject);
    },
  };
}
