/** Where the built-in issuer is mounted on the web origin. */
export const issuerPath = "/oidc";

export const embeddedIssuerUrl = (publicUrl: string): string => `${publicUrl}${issuerPath}`;
