import { type Scope, scopes } from "@stowage/protocol/scope";
import { isLoopbackHost } from "../loopback.ts";
import { SettingError } from "../setting-error.ts";
import type { ClaimNames, ConfiguredIssuer } from "./configured-issuer.ts";

/** What is wrong with a value, as the end of "MEMBER must …". */
class WrongValueError extends Error {
  override readonly name = "WrongValueError";
}

const wrong = (what: string): never => {
  throw new WrongValueError(what);
};

/** Visible ASCII: what URLs, claim values, scopes and client ids are made of. */
const visible = /^[\x21-\x7e]{1,1024}$/;
const claimName = /^(?!__proto__$)[\x21-\x7e]{1,255}$/;
/** RFC 6749 section 3.3. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/;

const text =
  (pattern: RegExp, shape: string) =>
  (value: unknown): string =>
    typeof value === "string" && pattern.test(value) ? value : wrong(`be ${shape}`);

const visibleText = text(visible, "a text of visible ASCII characters without spaces");
const nameOfClaim = text(claimName, "the name of a claim");

const flag = (value: unknown): boolean =>
  typeof value === "boolean" ? value : wrong("be true or false, without quotes");

function list<Item>(value: unknown, shape: string, item: (each: unknown) => Item): readonly Item[] {
  if (!Array.isArray(value) || value.length === 0) return wrong(`be ${shape}`);
  const items = value.map(item);
  return new Set(items).size === items.length ? items : wrong("name nothing twice");
}

/** A text, or several. */
const oneOrMore = (value: unknown): readonly string[] =>
  Array.isArray(value) ? list(value, "a text or a list of texts", visibleText) : [visibleText(value)];

function record<Value>(value: unknown, shape: string, item: (each: unknown, name: string) => Value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong(`be ${shape}`);
  const entries = Object.entries(value);
  if (entries.length === 0) return wrong(`be ${shape}, not an empty one`);
  return Object.fromEntries(
    entries.map(([name, each]) => [
      claimName.test(name) ? name : wrong(`have no member ${JSON.stringify(name)}`),
      item(each, name),
    ]),
  );
}

function issuerUrl(value: unknown): string {
  const shape = "be the issuer's URL, as in its tokens' iss";
  if (typeof value !== "string" || !visible.test(value) || !URL.canParse(value)) return wrong(shape);
  const { protocol, hostname, username, password } = new URL(value);
  if (username !== "" || password !== "" || /[?#]/.test(value)) return wrong(`${shape}: no user, ? or #`);
  if (protocol === "http:" && !isLoopbackHost(hostname))
    return wrong("be an https URL: over plain http anybody on the way could sign in as anyone");
  return protocol === "https:" || protocol === "http:" ? value : wrong(shape);
}

/** RFC 8707 section 2: an absolute URI without a fragment. */
const resource = (value: unknown): string =>
  typeof value === "string" && visible.test(value) && URL.canParse(value) && !value.includes("#")
    ? value
    : wrong("be an absolute URI without a fragment");

/** RFC 8252 section 7.3, for providers that take no other port than the one they know. */
function loopbackRedirect(value: unknown): string {
  const shape = "be a URL such as http://127.0.0.1:8976/callback: http, loopback, with a port";
  if (typeof value !== "string" || !visible.test(value) || !URL.canParse(value)) return wrong(shape);
  const { protocol, hostname, port, search, hash } = new URL(value);
  const isOne = protocol === "http:" && isLoopbackHost(hostname) && port !== "" && search + hash === "";
  return isOne ? value : wrong(shape);
}

const scopeText = (value: unknown): string =>
  typeof value === "string" && value.split(" ").every((each) => scopeToken.test(each))
    ? value.split(" ").includes("openid")
      ? value
      : wrong('name "openid" among its scopes')
    : wrong("be scopes parted by single spaces");

const isScope = (value: unknown): value is Scope => scopes.some((each) => each === value);

/** They show what others did: an issuer gives them to single people, by name. */
const operatorScopes: ReadonlySet<string> = new Set(["audit:read", "operations:read"]);

const grantedScope = (value: unknown): Scope => {
  if (!isScope(value)) return wrong(`be a list of ${scopes.join(", ")}`);
  return operatorScopes.has(value) ? wrong(`not give everybody ${value}, which is for operators`) : value;
};

const asymmetric = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

const algorithm = (value: unknown): string =>
  asymmetric.find((each) => each === value) ?? wrong(`be a list of ${asymmetric.join(", ")}`);

/** Set by Stowage for each request: another value would take its protection away. */
const ownParameters: ReadonlySet<string> = new Set([
  "client_id",
  "client_secret",
  "code_challenge",
  "code_challenge_method",
  "nonce",
  "redirect_uri",
  "request",
  "request_uri",
  "resource",
  "response_mode",
  "response_type",
  "scope",
  "state",
]);

const authorizationParameter = (value: unknown, name: string): string => {
  if (ownParameters.has(name)) return wrong(`not set ${name}, which Stowage sets itself`);
  return typeof value === "string" && value.length <= 1024 ? value : wrong("be an object of texts");
};

const claimNames: ReadonlySet<string> = new Set(["email", "emailVerified", "name", "organisation", "scope"]);

const namesOfClaims = (value: unknown): ClaimNames =>
  record(value, "an object of claims' names", (each, name) =>
    claimNames.has(name)
      ? nameOfClaim(each)
      : wrong(`have no member ${JSON.stringify(name)}, only ${[...claimNames].join(", ")}`),
  );

/**
 * ID tokens have these as well, or may, so that they tell nothing apart (OpenID Connect Core 1.0 sections 2 and 5.1;
 * `jti`, `nbf`: RFC 7519 section 4.1; `sid`: OpenID Connect Front-Channel Logout 1.0 section 3).
 */
const claimsOfIdTokens: ReadonlySet<string> = new Set(
  `acr address amr at_hash aud auth_time azp birthdate c_hash email email_verified exp family_name gender given_name
  iat iss jti locale middle_name name nbf nickname nonce phone_number phone_number_verified picture
  preferred_username profile sid sub updated_at website zoneinfo`.split(/\s+/),
);

function requiredClaims(value: unknown): Readonly<Record<string, readonly string[]>> {
  const claims = record(value, "an object of claims with the value that each must have", oneOrMore);
  return Object.keys(claims).some((name) => !claimsOfIdTokens.has(name))
    ? claims
    : wrong("name a claim that ID tokens lack or that has another value there");
}

/** Every member, by its name, and how it is read. */
const members: { readonly [Name in keyof Required<ConfiguredIssuer>]: (value: unknown) => unknown } = {
  issuer: issuerUrl,
  audience: oneOrMore,
  audienceClaim: nameOfClaim,
  webClientId: visibleText,
  webClientSecret: text(/^[\x20-\x7e]{1,1024}$/, "a text of visible ASCII characters"),
  cliClientId: visibleText,
  cliRedirectUri: loopbackRedirect,
  scope: scopeText,
  resource,
  authorizationParameters: (value) => record(value, "an object of texts", authorizationParameter),
  tokenType: text(
    /^[A-Za-z0-9][A-Za-z0-9.+/-]{0,99}$/,
    'the typ of its tokens\' header, or "none" where there is none',
  ),
  requiredClaims,
  algorithms: (value) => list(value, `a list of ${asymmetric.join(", ")}`, algorithm),
  claims: namesOfClaims,
  userinfo: flag,
  scopePrefix: text(scopeToken, "what stands before files:read in its tokens' scopes"),
  grantedScopes: (value) => list(value, `a list of ${scopes.join(", ")}`, grantedScope),
};

export const issuerMembers: readonly string[] = Object.keys(members);

const isMember = (name: string): name is keyof typeof members => Object.hasOwn(members, name);

/**
 * Reads the setting `issuers`: a JSON list of objects.
 *
 * @throws SettingError the rest of the sentence "issuers …", naming entry and member; no value of a secret
 */
export function parseIssuers(json: string): readonly ConfiguredIssuer[] {
  if (json === "") return [];
  const shape = 'must be a JSON list of objects such as [{"issuer": "https://…", "audience": "…"}]';
  let entries: unknown;
  try {
    entries = JSON.parse(json);
  } catch {
    // The parser's message would quote what stands there, a secret maybe.
    throw new SettingError(`${shape}; this is not JSON`);
  }
  if (!Array.isArray(entries)) throw new SettingError(shape);
  const issuers = entries.map((entry: unknown, index) => {
    try {
      return parseIssuer(entry);
    } catch (error) {
      if (!(error instanceof WrongValueError)) throw error;
      throw new SettingError(`is wrong in entry ${index + 1}${nameOf(entry)}: ${error.message}`);
    }
  });
  issuers.forEach(({ issuer }, index) => {
    const first = issuers.findIndex((each) => each.issuer === issuer);
    if (first < index)
      throw new SettingError(
        `is wrong in entry ${index + 1}: its issuer ${issuer} is that of entry ${first + 1} already`,
      );
  });
  return issuers;
}

function parseIssuer(entry: unknown): ConfiguredIssuer {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry))
    return wrong("it is not an object");
  const read = Object.fromEntries(
    Object.entries(entry).map(([name, value]) => {
      if (!isMember(name))
        return wrong(`there is no member ${JSON.stringify(name)}, only ${Object.keys(members).join(", ")}`);
      try {
        return [name, members[name](value)];
      } catch (error) {
        throw error instanceof WrongValueError ? new WrongValueError(`${name} must ${error.message}`) : error;
      }
    }),
  ) as Partial<ConfiguredIssuer>;
  for (const name of ["issuer", "audience"] as const)
    if (read[name] === undefined) return wrong(`${name} is missing`);
  return assertTogether(read as ConfiguredIssuer);
}

/** What no member shows alone. */
function assertTogether(issuer: ConfiguredIssuer): ConfiguredIssuer {
  const { webClientId, webClientSecret, cliClientId, cliRedirectUri, tokenType, requiredClaims } = issuer;
  if (webClientSecret !== undefined && webClientId === undefined)
    return wrong("webClientSecret stands there without webClientId");
  if (cliRedirectUri !== undefined && cliClientId === undefined)
    return wrong("cliRedirectUri stands there without cliClientId");
  if (tokenType !== undefined && !isAccessTokenType(tokenType) && requiredClaims === undefined)
    return wrong(
      `requiredClaims is missing: with tokenType ${tokenType} it is what tells an access token from an ID token`,
    );
  return issuer;
}

/** RFC 9068 section 2.1: nothing but an access token has this type. */
const isAccessTokenType = (tokenType: string): boolean => /^(application\/)?at\+jwt$/i.test(tokenType);

function nameOf(entry: unknown): string {
  const issuer: unknown =
    typeof entry === "object" && entry !== null && "issuer" in entry ? entry.issuer : undefined;
  return typeof issuer === "string" && visible.test(issuer) && !issuer.includes("@") ? ` (${issuer})` : "";
}
