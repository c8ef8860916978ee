import type { Stretch } from "./stretches.ts";

/** What of an element is used, from its beginning; `undefined` where it is not as its type is (ICC.1:2022 section 10). */
type ElementRule = (element: Buffer) => readonly Stretch[] | undefined;

/** Its type, without the four bytes that follow, and what comes then. */
const used = (to: number, from = 8): readonly Stretch[] => [
  [0, 4],
  [from, to],
];

const sized =
  (sizeBytes: number): ElementRule =>
  () =>
    used(sizeBytes);

const whole: ElementRule = (element) => [[0, element.length]];

/** Numbers of a curve that is a formula, by its kind (table 68). */
const formulas = [1, 3, 4, 5, 7] as const;

const formula: ElementRule = (element) => {
  const numbers = formulas[element.readUInt16BE(8)];
  return numbers === undefined
    ? undefined
    : [
        [0, 4],
        [8, 10],
        [12, 12 + 4 * numbers],
      ];
};
const curve: ElementRule = (element) => used(12 + 2 * element.readUInt32BE(8));

/** Numbers of a table that has so many of them for each of its inputs. */
const pointsOf = (grid: readonly number[], outputs: number): number =>
  grid.reduce((product, points) => product * points, outputs);

/** Tables of one byte a number, or of two (sections 10.10 and 10.11). */
const table =
  (numberBytes: 1 | 2): ElementRule =>
  (element) => {
    const [inputs = 0, outputs = 0, points = 0] = element.subarray(8, 11);
    const headBytes = numberBytes === 1 ? 48 : 52;
    if (element.length < headBytes) return undefined;
    const [before, after] =
      numberBytes === 1 ? [256, 256] : [element.readUInt16BE(48), element.readUInt16BE(50)];
    const inside = pointsOf(
      Array.from({ length: inputs }, () => points),
      outputs,
    );
    return [
      [0, 4],
      [8, 11],
      [12, headBytes + numberBytes * (inputs * before + inside + outputs * after)],
    ];
  };

/** Curves, a matrix and a table, each at a place of its own (sections 10.12 and 10.13). */
const steps =
  (isToProfile: boolean): ElementRule =>
  (element) => {
    if (element.length < 32) return undefined;
    const [inputs = 0, outputs = 0] = element.subarray(8, 10);
    const [b, matrix, m, points, a] = [12, 16, 20, 24, 28].map((at) => element.readUInt32BE(at));
    const [near, far] = isToProfile ? [inputs, outputs] : [outputs, inputs];
    const found: Stretch[] = [
      [0, 4],
      [8, 10],
      [12, 32],
    ];
    for (const [from = 0, count] of [
      [b, near],
      [m, near],
      [a, far],
    ] as const) {
      let at = from;
      for (let left = from === 0 ? 0 : count; left > 0; left -= 1) {
        const one = element.length < at + 12 ? undefined : curveAt(element.subarray(at));
        if (!one) return undefined;
        for (const [usedFrom, usedTo] of one) found.push([at + usedFrom, at + usedTo]);
        const sizeBytes = one.at(-1)?.[1] ?? 0;
        at += sizeBytes + (-sizeBytes & 3);
      }
    }
    if (matrix) found.push([matrix, matrix + 48]);
    if (points) {
      if (element.length < points + 20) return undefined;
      const numbers = pointsOf([...element.subarray(points, points + inputs)], outputs);
      found.push([points, points + inputs], [points + 16, points + 17]);
      found.push([points + 20, points + 20 + numbers * (element[points + 16] ?? 0)]);
    }
    return found;
  };

function curveAt(element: Buffer): readonly Stretch[] | undefined {
  const type = element.toString("latin1", 0, 4);
  if (type === "curv") return curve(element);
  return type === "para" ? formula(element) : undefined;
}

const number = { "XYZ ": sized(20) };
const curves = { curv: curve, para: formula };
const texts = { desc: whole, text: whole, mluc: whole };
const tables = { mft1: table(1), mft2: table(2), "mAB ": steps(false), "mBA ": steps(true) };

const byTypes = (rules: Readonly<Record<string, ElementRule>>): ReadonlyMap<string, ElementRule> =>
  new Map(Object.entries(rules));

/**
 * Tags that stay, and their types (section 9): those that colours are worked out by, what their numbers mean, and a description and a
 * copyright. What goes: names of a device and of its maker, of the light that it is looked at in, when it was measured, and all
 * that is somebody's own (Apple's `mmod` has a screen's serial number).
 */
const tags: ReadonlyMap<string, ReadonlyMap<string, ElementRule>> = new Map([
  ...["rXYZ", "gXYZ", "bXYZ", "wtpt", "bkpt", "lumi"].map((tag) => [tag, byTypes(number)] as const),
  ...["rTRC", "gTRC", "bTRC", "kTRC"].map((tag) => [tag, byTypes(curves)] as const),
  ...["A2B0", "A2B1", "A2B2", "A2B3", "B2A0", "B2A1", "B2A2", "B2A3", "gamt", "pre0", "pre1", "pre2"].map(
    (tag) => [tag, byTypes(tables)] as const,
  ),
  // Steps of any number and kind: they are not looked into.
  ...["D2B0", "D2B1", "D2B2", "D2B3", "B2D0", "B2D1", "B2D2", "B2D3"].map(
    (tag) => [tag, byTypes({ mpet: whole })] as const,
  ),
  ["chad", byTypes({ sf32: sized(44) })],
  ["chrm", byTypes({ chrm: (element) => used(12 + 8 * element.readUInt16BE(8)) })],
  ["cicp", byTypes({ cicp: sized(12) })],
  ["view", byTypes({ view: sized(36) })],
  ["meas", byTypes({ meas: sized(36) })],
  ["tech", byTypes({ "sig ": sized(12) })],
  ["desc", byTypes(texts)],
  ["cprt", byTypes(texts)],
]);

/** Of a tag's element what is used; `undefined` where the tag goes. */
export function usedOfElement(tag: string, element: Buffer): readonly Stretch[] | undefined {
  if (element.length < 12) return undefined;
  const found = tags.get(tag)?.get(element.toString("latin1", 0, 4))?.(element);
  return found?.every(([, to]) => to <= element.length) ? found : undefined;
}
