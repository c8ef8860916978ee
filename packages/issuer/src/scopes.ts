import { OperatorScopeError, UnknownScopeError } from "./errors.ts";
import { quoteForMessage } from "./quote-for-message.ts";

/** The scopes that an access token may carry. */
export const accessTokenScopes: readonly string[] = [
  "files:read",
  "files:write",
  "uploads:write",
  "albums:write",
  "audit:read",
  "operations:read",
];

/** Each of them shows more than what is the person's own. */
const operatorScopes: ReadonlySet<string> = new Set(["audit:read", "operations:read"]);

/** The names that an account may have: those for operators only if it is one. */
export const scopesOf = ({ operator }: { readonly operator: boolean }): string[] =>
  accessTokenScopes.filter((name) => operator || !operatorScopes.has(name));

/**
 * Reads a `scope` value (RFC 6749 §3.3: names parted by spaces), in the order given, each name once.
 *
 * @throws {UnknownScopeError} for a name that is not in `accessTokenScopes`, or no name at all
 */
export function parseScope(scope: string): string[] {
  const names = [...new Set(scope.split(" ").filter((name) => name !== ""))];
  const known = `Known are ${accessTokenScopes.join(", ")}.`;
  if (names.length === 0) throw new UnknownScopeError(`The scope names nothing. ${known}`, scope);
  for (const name of names)
    if (!accessTokenScopes.includes(name))
      throw new UnknownScopeError(`There is no scope ${quoteForMessage(name)}. ${known}`, name);
  return names;
}

/** @throws {OperatorScopeError} for the first of the names that only operators may have */
export function assertNoOperatorScope(names: readonly string[]): void {
  const name = names.find((each) => operatorScopes.has(each));
  if (name !== undefined)
    throw new OperatorScopeError(`The scope ${name} is for operators, which this account is not.`, name);
}
