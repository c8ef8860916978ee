/**
 * The best of what is at hand in a client's `Accept-Encoding` (RFC 9110 section 12.5.3), `undefined` for the plain
 * bytes. An encoding with `q=0` is refused; the order of the client's weights is not looked at, since it never differs
 * from size in practice.
 */
export function acceptedEncoding<Encoding extends string>(
  header: string | undefined,
  atHand: readonly Encoding[],
): Encoding | undefined {
  const accepted = new Map<string, boolean>();
  for (const item of (header ?? "").split(",")) {
    const [name = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
    accepted.set(name, !parameters.some((parameter) => /^q\s*=\s*0(\.0*)?$/.test(parameter)));
  }
  return atHand.find((encoding) => accepted.get(encoding) ?? accepted.get("*") ?? false);
}
