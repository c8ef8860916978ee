/**
 * What an issuer's redirect says (RFC 6749 section 4.1.2): `code`, or why there is none. `foreign`: it is no answer to
 * this sign-in, and the sentence says why.
 */
export type Redirect =
  | { readonly kind: "code"; readonly params: URLSearchParams }
  | { readonly kind: "error"; readonly error: string; readonly description: string }
  | { readonly kind: "foreign"; readonly why: string };

const members = ["state", "code", "error", "error_description", "iss"] as const;

/** Decides whether parameters answer the sign-in with that state. */
export function judgeRedirect(params: URLSearchParams, expectedState: string): Redirect {
  // RFC 6749 section 3.1: parameters must not come more than once.
  if (members.some((name) => params.getAll(name).length > 1))
    return { kind: "foreign", why: "it says something twice" };
  const [state, code, error] = ["state", "code", "error"].map((name) => params.get(name) ?? "");
  if (!state) return { kind: "foreign", why: "its state is missing" };
  if (state !== expectedState) return { kind: "foreign", why: "it belongs to another sign-in" };
  if (error) return { kind: "error", error, description: params.get("error_description") ?? "" };
  if (code) return { kind: "code", params };
  return { kind: "foreign", why: "its code is missing" };
}

/**
 * The parameters in what a person pasted: the whole address that the browser ended at, or what follows its `?`, with
 * what terminals and mail programs put around it.
 *
 * @returns a sentence where there are none
 */
export function parsePasted(text: string, authorizationUrl: string): URLSearchParams | string {
  const pasted = text
    .trim()
    .replace(/^[<"'“‘]+|[>"'”’]+$/g, "")
    .trim();
  if (withoutQuery(pasted) === withoutQuery(authorizationUrl))
    return "That is the address to open in a browser. Paste the one that the browser ends at.";
  const query = pasted.includes("?") ? pasted.slice(pasted.indexOf("?") + 1) : pasted;
  const params = new URLSearchParams(query.replace(/#.*$/, ""));
  if (params.has("code") || params.has("error") || params.has("state")) return params;
  return "That is not it: the address has code= and state= in it. Copy all of it from the browser's address bar.";
}

const withoutQuery = (address: string): string => address.split("?", 1)[0] ?? "";
