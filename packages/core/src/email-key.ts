/**
 * Those that NFC makes ASCII characters of: a semicolon, a grave accent, the Kelvin sign. An address with one is another than the one with the
 * character that it looks like.
 */
const lookalikes = /([\u037e\u1fef\u212a])/u;

/**
 * An e-mail address as it is compared: its ASCII letters in lower case, without space around it, in Unicode's NFC (RFC 6532, section 3.1).
 * Nothing that one provider alone takes for the same (dots, what follows a plus sign, other letters' case) is.
 */
export const emailKey = (email: string): string =>
  email
    .trim()
    .split(lookalikes)
    .map((part) => (lookalikes.test(part) ? part : part.normalize("NFC")))
    .join("")
    .replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
