import type { ProtectedResource, TrustedIssuer } from "@stowage/api";
import { SettingError } from "../setting-error.ts";
import type { Configuration } from "../settings.ts";
import { embeddedIssuerUrl } from "./embedded-issuer-url.ts";
import { signInWith } from "./sign-in-with.ts";

type IssuerSettings = Pick<Configuration, "issuers" | "issuer.enabled">;

/**
 * Whose tokens the API believes: the configured issuers', and the built-in one's unless that is off.
 *
 * @param internalApiUrl - where the built-in one's keys are, as this machine reaches itself
 */
export function trustedIssuers(
  configuration: IssuerSettings,
  publicUrl: string,
  internalApiUrl: string,
): readonly TrustedIssuer[] {
  if (!configuration["issuer.enabled"]) return configuration.issuers;
  const issuer = embeddedIssuerUrl(publicUrl);
  const jwksUri = `${embeddedIssuerUrl(internalApiUrl)}/jwks`;
  return [...configuration.issuers, { issuer, audience: publicUrl, jwksUri }];
}

/** What the API says of how one gets a token for it. */
export function protectedResource(configuration: IssuerSettings, publicUrl: string): ProtectedResource {
  const cli = signInWith(configuration, publicUrl, "cli");
  return { resource: publicUrl, clients: cli ? { cli } : {} };
}

/** The one that a start names: the built-in one, or the first where that is off. */
export const mainIssuer = (configuration: IssuerSettings, publicUrl: string): string => {
  const [first] = configuration.issuers;
  return configuration["issuer.enabled"] || !first ? embeddedIssuerUrl(publicUrl) : first.issuer;
};

/**
 * What no setting shows alone.
 *
 * @throws SettingError a whole sentence
 */
export function assertIssuers(
  { issuers, "issuer.enabled": enabled }: IssuerSettings,
  publicUrl: string,
): void {
  if (!enabled && issuers.length === 0)
    throw new SettingError(
      "issuer.enabled is false, and issuers names no other: nobody could come in. Name one, or leave issuer.enabled.",
    );
  const index = issuers.findIndex(({ issuer }) => issuer === embeddedIssuerUrl(publicUrl));
  if (index !== -1)
    throw new SettingError(
      `issuers is wrong in entry ${index + 1}: its issuer is the built-in one, which is trusted without being named.`,
    );
}
