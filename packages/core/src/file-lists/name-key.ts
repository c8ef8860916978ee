import { cutText, foldText } from "./fold-text.ts";

/** Code points: at most 256 bytes of UTF-8. Names that are the same up to there are in the order of their ids. */
const maxKeyLength = 64;

/** Longer numbers are compared in pieces. */
const maxDigits = 40;

const firstLengthMark = 0x30;

/**
 * What a name is sorted by, in the order of code points: folded, and with numbers by their value, so that "IMG_2"
 * comes before "img_10". A number is written without leading zeros, behind its length as a character from "1" on.
 */
export const nameKey = (name: string): string =>
  cutText(
    foldText(cutText(name, longEnough))
      .trim()
      .replaceAll(/\s+/gu, " ")
      .replaceAll(numbers, (digits) => {
        const value = digits.replace(/^0+(?=.)/, "");
        return String.fromCharCode(firstLengthMark + value.length) + value;
      }),
    maxKeyLength,
  );

const numbers = new RegExp(`[0-9]{1,${maxDigits}}`, "g");

/** Of a name of 4 KB no more is folded than can matter: what is unseen and leading zeros allowed for. */
const longEnough = 1024;
