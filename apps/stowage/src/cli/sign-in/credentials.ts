/** How a person is signed in to one server. */
export interface Credentials {
  /** The issuer as it was when they signed in: the refresh token goes to no other. */
  readonly issuer: string;
  readonly clientId: string;
  readonly subject: string;
  readonly email?: string;
  /** RFC 8707's resource, where the issuer wants one. */
  readonly resource?: string;
  /** Plain http beyond this machine was allowed at the sign-in. */
  readonly insecureHttp?: true;
  /** RFC 3339. */
  readonly signedInAt: string;
  readonly accessToken: AccessToken;
  /** Good for one use at most issuers: each answers the next. Absent where the issuer gave none. */
  readonly refreshToken?: string;
}

export interface AccessToken {
  readonly value: string;
  /** RFC 3339. */
  readonly obtainedAt: string;
  /** RFC 3339; absent where the issuer did not say: good until it is refused. */
  readonly expiresAt?: string;
}

/** A token is renewed this long before its end, or in the last fifth of a short life. */
const renewAheadMs = 60_000;

/** Whether an access token should be renewed before it is used again. */
export function isDue({ obtainedAt, expiresAt }: AccessToken, nowMs: number): boolean {
  if (expiresAt === undefined) return false;
  const endMs = Date.parse(expiresAt);
  const lifeMs = Math.max(0, endMs - Date.parse(obtainedAt));
  return nowMs >= endMs - Math.min(renewAheadMs, lifeMs / 5);
}

export const isExpired = ({ expiresAt }: AccessToken, nowMs: number): boolean =>
  expiresAt !== undefined && nowMs >= Date.parse(expiresAt);

/** What a file holds of one server, or nothing where it is not of this shape. */
export function parseCredentials(value: unknown): Credentials | undefined {
  if (!isObject(value) || !isObject(value.accessToken)) return undefined;
  const { issuer, clientId, subject, email, resource, insecureHttp, signedInAt, refreshToken } = value;
  const { value: token, obtainedAt, expiresAt } = value.accessToken;
  if (!isText(issuer) || !isText(clientId) || !isText(subject) || !isText(token)) return undefined;
  if (!isTime(signedInAt) || !isTime(obtainedAt)) return undefined;
  if (!(expiresAt === undefined || isTime(expiresAt))) return undefined;
  if (![email, resource, refreshToken].every((text) => text === undefined || isText(text))) return undefined;
  if (!(insecureHttp === undefined || insecureHttp === true)) return undefined;
  return {
    issuer,
    clientId,
    subject,
    signedInAt,
    accessToken: { value: token, obtainedAt, ...(expiresAt !== undefined && { expiresAt }) },
    ...(isText(email) && { email }),
    ...(isText(resource) && { resource }),
    ...(isText(refreshToken) && { refreshToken }),
    ...(insecureHttp && { insecureHttp }),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isTime = (value: unknown): value is string => isText(value) && !Number.isNaN(Date.parse(value));
