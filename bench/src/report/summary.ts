import type { Figure } from "../measures/measure.ts";
import { median } from "./median.ts";

/** A figure in short: ratios are the product's to the peer's, round by round. */
export interface Summary {
  readonly name: string;
  readonly peer: string;
  readonly concurrency: number;
  readonly bar?: number;
  readonly goal?: number;
  /** Of items a second: more is better. */
  readonly rateRatio: Spread;
  /** Of the peer's CPU to the product's for each item: more is better. */
  readonly cpuRatio: Spread;
  readonly remarks?: readonly string[];
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
});

export const summarise = ({ name, peer, concurrency, bar, goal, rounds, remarks }: Figure): Summary => ({
  name,
  peer,
  concurrency,
  ...(bar !== undefined && { bar }),
  ...(goal !== undefined && { goal }),
  rateRatio: spreadOf(rounds.map(({ product, peer: other }) => product.perSecond / other.perSecond)),
  cpuRatio: spreadOf(rounds.map(({ product, peer: other }) => other.serverCpuMs / product.serverCpuMs)),
  ...(remarks && { remarks }),
});

const show = ({ median: middle, least, most }: Spread): string =>
  `${middle.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;

/** A Markdown table. */
export function tableOf(summaries: readonly Summary[]): string {
  const rows = summaries.map(({ name, peer, bar, goal, rateRatio, cpuRatio }) => {
    const wanted =
      bar === undefined ? "" : `≥ ${bar.toFixed(2)}${goal === undefined ? "" : ` (goal ${goal})`}`;
    return `| ${name} | ${peer} | ${show(rateRatio)} | ${show(cpuRatio)} | ${wanted} |`;
  });
  return [
    "| measure | against | of its rate: median (least–most) | its CPU / ours | bar |",
    "|---|---|---|---|---|",
    ...rows,
    ...summaries.flatMap(({ remarks = [] }) => ["", ...remarks]),
    "",
  ].join("\n");
}
