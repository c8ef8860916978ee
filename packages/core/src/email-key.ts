/**
 * An e-mail address as it is compared: in lower case, without space around it, in Unicode's NFC. Nothing that one provider alone takes for
 * the same (dots, what follows a plus sign) is.
 */
export const emailKey = (email: string): string =>
  email.trim().normalize("NFC").toLowerCase().normalize("NFC");
