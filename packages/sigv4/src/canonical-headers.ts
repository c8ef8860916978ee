const token = /^[a-z0-9!#$%&'*+\-.^_`|~]+$/;
// Anything above ASCII is Latin-1 to one HTTP stack and UTF-8 to another: two values under one signature.
const plainValue = /^[\t\x20-\x7e]*$/;
const space = /[\t ]/;
const runsOfSpace = /[\t ]+/g;

/** Whether `name` is an HTTP field name (RFC 9110 section 5.1) in lower case. */
export function isHeaderName(name: string): boolean {
  return token.test(name);
}

/** Whether `value` is printable ASCII and tabs: what every HTTP stack reads alike. */
export function isHeaderValue(value: string): boolean {
  return plainValue.test(value);
}

/** SigV4's Trim(): no space at the ends, runs of it as one. */
export function trimHeaderValue(value: string): string {
  return space.test(value) ? value.replace(runsOfSpace, " ").trim() : value;
}

/**
 * Headers to sign, with lower-case names. Throws TypeError for a name or value that HTTP can't carry, a
 * name given twice, and for those in `reserved`, which the signer sets itself.
 */
export function headersToSign(
  headers: Readonly<Record<string, string>>,
  reserved: ReadonlySet<string>,
): Map<string, string> {
  const signed = new Map<string, string>();
  for (const [anyCase, value] of Object.entries(headers)) {
    const name = anyCase.toLowerCase();
    if (!isHeaderName(name)) throw new TypeError(`not a header name: ${JSON.stringify(anyCase)}`);
    if (!isHeaderValue(value)) throw new TypeError(`the value of ${name} is not printable ASCII`);
    if (reserved.has(name)) throw new TypeError(`${name} is set by the signer`);
    if (signed.has(name)) throw new TypeError(`${name} is given twice`);
    signed.set(name, value);
  }
  return signed;
}
