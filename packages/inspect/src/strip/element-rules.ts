import { assertFew, blank, type Patch } from "./blank.ts";
import { type EbmlElement, readElement } from "./ebml-elements.ts";
import type { ByteSource } from "./iso-boxes.ts";
import { UnstrippableError } from "./pieces.ts";

/** Puts patches over what of an element need not be there. */
export type ElementRule = (
  source: ByteSource,
  element: EbmlElement,
  patches: Patch[],
) => void | Promise<void>;
export type ElementRules = ReadonlyMap<number, ElementRule>;

export const rules = (entries: readonly (readonly [id: number, rule: ElementRule])[]): ElementRules =>
  new Map(entries);

/** The same for each of several. */
export const each = (rule: ElementRule, ...ids: readonly number[]): (readonly [number, ElementRule])[] =>
  ids.map((id) => [id, rule]);

const voidId = 0xec;
const maxElements = 1_000_000;
/** An integer, a float, or a date (RFC 8794 section 7). */
const numberBytes = 8;

/** A Void element (RFC 8794 section 11.3.2) over another, as long as it was. */
export function voided({ id, from, contentFrom, to }: EbmlElement): Patch[] {
  if (id === voidId) return blank(contentFrom, to);
  const sizeBytes = to - from < 10 ? 1 : 8;
  const head = Buffer.alloc(1 + sizeBytes);
  const contentBytes = to - from - head.length;
  head[0] = voidId;
  if (sizeBytes === 1) head[1] = 0x80 | contentBytes;
  else {
    head.writeBigUInt64BE(BigInt(contentBytes), 1);
    head[1] = 0x01;
  }
  return [{ from, bytes: head }, ...blank(from + head.length, to)];
}

/**
 * The elements in it that have a rule, one of each kind; every other becomes Void.
 *
 * @param repeated - those of which there may be several
 */
export const holds =
  (inside: ElementRules, ...repeated: readonly number[]): ElementRule =>
  async (source, element, patches) => {
    const apply = applyOnce(inside, ...repeated);
    for await (const child of childrenOf(source, element)) await apply(source, child, patches);
  };

/** The rules for what an element holds, child by child. */
export function applyOnce(inside: ElementRules, ...repeated: readonly number[]): ElementRule {
  const seen = new Set<number>();
  return async (source, child, patches) => {
    if (seen.has(child.id) && !repeated.includes(child.id)) patches.push(...voided(child));
    else await applyRule(source, child, inside, patches);
    seen.add(child.id);
    assertFew(patches);
  };
}

async function applyRule(
  source: ByteSource,
  element: EbmlElement,
  among: ElementRules,
  patches: Patch[],
): Promise<void> {
  const rule = among.get(element.id);
  if (rule) await rule(source, element, patches);
  else patches.push(...voided(element));
}

/** A number; longer than those are, it is none. */
export const number: ElementRule = (_source, element, patches) => {
  if (element.to - element.contentFrom > numberBytes) patches.push(...voided(element));
};

/** Words that must be there, whatever they are: a string may end before its element does, in zeros (RFC 8794 section 7.4). */
export const noWords: ElementRule = (_source, { contentFrom, to }, patches) => {
  patches.push(...blank(contentFrom, to));
};

/** Kept if it is no longer than that. */
export const atMost =
  (sizeBytes: number): ElementRule =>
  (_source, element, patches) => {
    if (element.to - element.contentFrom > sizeBytes) patches.push(...voided(element));
  };

/** Elements of an element, each of which says its size. */
export async function* childrenOf(source: ByteSource, parent: EbmlElement): AsyncGenerator<EbmlElement> {
  let count = 0;
  for (let at = parent.contentFrom; at < parent.to; count += 1) {
    if (count > maxElements) throw new UnstrippableError("It has too many elements.");
    const element = await readElement(source, at, parent.to);
    if (!element.isSized) throw new UnstrippableError("An element has no size.");
    yield element;
    at = element.to;
  }
}
