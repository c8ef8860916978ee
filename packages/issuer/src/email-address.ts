import { domainToASCII, domainToUnicode } from "node:url";
import { InvalidEmailError } from "./errors.ts";
import { quoteForMessage } from "./quote-for-message.ts";

/** RFC 5321 §4.5.3.1.3: a path is 256 octets, angle brackets included. */
const maxAddressBytes = 254;
/** RFC 5321 §4.5.3.1.1. */
const maxLocalPartBytes = 64;
/** RFC 1035 §2.3.4, less the root's own byte and the first length byte. */
const maxDomainBytes = 253;

export interface EmailAddress {
  /** As written, in NFC, the domain in lower case. */
  readonly email: string;
  /** The same for all spellings of one address: what accounts are unique by. */
  readonly key: string;
}

/**
 * Reads an e-mail address: RFC 5321 `Dot-string "@" Domain`, with the letters of all scripts
 * (RFC 6531). Quoted local parts and address literals (`ann@[192.0.2.1]`) are refused, as is every
 * character that can't be seen.
 *
 * @throws {InvalidEmailError} whose message says what is wrong
 */
export function parseEmailAddress(text: string): EmailAddress {
  const address = text.normalize("NFC");
  const refuse = (problem: string): never => {
    throw new InvalidEmailError(`${quoteForMessage(text)} is not an e-mail address: ${problem}.`);
  };

  if (Buffer.byteLength(address) > maxAddressBytes) refuse(`it is longer than ${maxAddressBytes} bytes`);
  if (/[\r\n\p{Zl}\p{Zp}]/u.test(address)) refuse("it contains a line break");
  if (/\p{Zs}/u.test(address)) refuse("it contains a space");
  if (/[\p{C}\p{Default_Ignorable_Code_Point}]/u.test(address))
    refuse("it contains a character that cannot be seen");

  const [local = "", domain, ...rest] = address.split("@");
  if (domain === undefined) return refuse("it has no @");
  if (rest.length > 0) refuse("it has more than one @");

  if (local === "") refuse("nothing stands before the @");
  if (Buffer.byteLength(local) > maxLocalPartBytes)
    refuse(`the part before the @ is longer than ${maxLocalPartBytes} bytes`);
  if (!/^(?:[\w!#$%&'*+/=?^`{|}~.-]|\P{ASCII})+$/u.test(local))
    refuse("the part before the @ has a character that is not allowed there");
  if (local.startsWith(".") || local.endsWith(".") || local.includes(".."))
    refuse("the part before the @ has a dot at its edge or two in a row");

  const asciiDomain = canonicalDomain(domain) ?? refuse("the part after the @ is not a domain name");
  return {
    email: `${local}@${domainToUnicode(asciiDomain)}`,
    key: `${foldCase(local)}@${asciiDomain}`,
  };
}

/** The key of an address, or nothing for a text that is none, and so belongs to no account. */
export function emailKeyOf(text: string): string | undefined {
  try {
    return parseEmailAddress(text).key;
  } catch (error) {
    if (error instanceof InvalidEmailError) return undefined;
    throw error;
  }
}

/** The domain's A-labels in lower case, or nothing if it is no domain name (an IP address is none). */
function canonicalDomain(domain: string): string | undefined {
  // Anything else (%, :, a full stop of another script) would be decoded or mapped by the URL parser.
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(domain)) return undefined;
  const ascii = domainToASCII(domain);
  const labels = ascii.split(".");
  const isHostName = labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
  const isIpAddress = /^\d+$/.test(labels.at(-1) ?? "");
  return isHostName && !isIpAddress && ascii.length <= maxDomainBytes ? ascii : undefined;
}

/**
 * Lower case, character by character and by no locale. Not upper case and back: that would make one
 * mailbox of "gıthub" and "github", and hand the one's account to the other.
 */
function foldCase(text: string): string {
  return Array.from(text, (character) => character.toLowerCase())
    .join("")
    .normalize("NFC");
}
