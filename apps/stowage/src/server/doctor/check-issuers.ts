import { examineIssuer, type IssuerExamination } from "@stowage/api";
import type { ConfiguredIssuer } from "../issuers/configured-issuer.ts";
import { assertIssuers } from "../issuers/trusted-issuers.ts";
import { SettingError } from "../setting-error.ts";
import type { Configuration } from "../settings.ts";
import { type Diagnosis, failed, ok } from "./diagnosis.ts";

const check = "issuers";

/** Each of the other issuers, asked for what its tokens are verified with; nothing where none is set. */
export async function checkIssuers(configuration: Configuration, publicUrl: string): Promise<Diagnosis[]> {
  try {
    assertIssuers(configuration, publicUrl);
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return [failed(check, error.message, "Mend stowage.json; docs/issuers.md has examples.")];
  }
  return Promise.all(configuration.issuers.map(checkIssuer));
}

async function checkIssuer(issuer: ConfiguredIssuer): Promise<Diagnosis> {
  return diagnosisOf(issuer.issuer, await examineIssuer(issuer));
}

function diagnosisOf(issuer: string, examination: IssuerExamination): Diagnosis {
  const { outcome } = examination;
  if (outcome === "sound") {
    const { usableKeys } = examination;
    return ok(check, `${issuer} answers, with ${usableKeys} usable ${usableKeys === 1 ? "key" : "keys"}.`);
  }
  if (outcome === "no-discovery")
    return failed(
      check,
      `Nobody can come in by ${issuer}: ${examination.detail}`,
      'Set "issuer" exactly to what that document calls "issuer"; look at its address, its certificate and the network.',
    );
  if (outcome === "no-keys")
    return failed(
      check,
      `Nobody can come in by ${issuer}: its keys can't be had. ${examination.detail}`,
      "Look at the jwks_uri of its discovery document, and whether this machine reaches it.",
    );
  if (outcome === "no-usable-key")
    return failed(
      check,
      `Nobody can come in by ${issuer}: it has no key that signs by ${examination.algorithms.join(", ")}.`,
      'Name the algorithm that it signs access tokens with in "algorithms", or let it sign by one of these.',
    );
  return failed(
    check,
    `${issuer} names no userinfo endpoint, so that no e-mail can be asked from it.`,
    'Put e-mail and name into its access tokens and name their claims in "claims", and leave "userinfo" out.',
  );
}
