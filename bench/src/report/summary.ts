import type { Amount, Comparison, Figure } from "../measures/measure.ts";
import { type ComparisonSummary, comparisonTable, summariseComparison } from "./comparison.ts";
import { median } from "./median.ts";

/** A figure in short. */
export type Summary = RatioSummary | AmountSummary | ComparisonSummary;

/** Ratios are the product's to the peer's, round by round. */
export interface RatioSummary {
  readonly name: string;
  readonly peer: string;
  readonly concurrency: number;
  readonly bar?: number;
  readonly goal?: number;
  readonly cpuBar?: number;
  readonly cpuGoal?: number;
  /** Of items a second: more is better. */
  readonly rateRatio: Spread;
  /** Of the peer's CPU to the product's for each item: more is better. */
  readonly cpuRatio: Spread;
  /** Whether the medians are at their bars; absent where there is none. */
  readonly holds?: boolean;
  readonly remarks?: readonly string[];
}

/** An amount, of which less is better. */
export interface AmountSummary {
  readonly name: string;
  readonly peer: string;
  readonly unit: string;
  readonly most: number;
  readonly amount: Spread;
  readonly holds: boolean;
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

export function summarise(figure: Figure | Amount | Comparison): Summary {
  if ("finishes" in figure) return summariseComparison(figure);
  return "rounds" in figure ? summariseRatios(figure) : summariseAmount(figure);
}

function summariseRatios({ rounds, ...figure }: Figure): RatioSummary {
  const rateRatio = spreadOf(rounds.map(({ product, peer }) => product.perSecond / peer.perSecond));
  const cpuRatio = spreadOf(rounds.map(({ product, peer }) => peer.serverCpuMs / product.serverCpuMs));
  const { bar, cpuBar } = figure;
  const holds = rateRatio.median >= (bar ?? 0) && cpuRatio.median >= (cpuBar ?? 0);
  const isHeld = bar !== undefined || cpuBar !== undefined;
  return { ...figure, rateRatio, cpuRatio, ...(isHeld && { holds }) };
}

function summariseAmount({ amounts, ...figure }: Amount): AmountSummary {
  const amount = spreadOf(amounts);
  return { ...figure, amount, holds: amount.median <= figure.most };
}

const show = ({ median: middle, least, most }: Spread): string =>
  `${middle.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;

const showBar = (bar: number | undefined, goal: number | undefined): string =>
  bar === undefined ? "" : `≥ ${bar.toFixed(2)}${goal === undefined ? "" : ` (goal ${goal})`}`;

const showHolds = (holds: boolean | undefined): string =>
  holds === undefined ? "" : holds ? "holds" : "does **not** hold";

/** Markdown tables, of ratios and of amounts. */
export function tableOf(summaries: readonly Summary[]): string {
  const ratios = summaries.flatMap((summary) => ("rateRatio" in summary ? [summary] : []));
  const amounts = summaries.flatMap((summary) => ("amount" in summary ? [summary] : []));
  return [
    ...(ratios.length > 0
      ? [
          "| measure | against | of its rate: median (least–most) | bar | its CPU / ours | bar | |",
          "|---|---|---|---|---|---|---|",
          ...ratios.map(ratioRow),
          "",
        ]
      : []),
    ...(amounts.length > 0
      ? [
          "| measure | against | amount: median (least–most) | bar | |",
          "|---|---|---|---|---|",
          ...amounts.map(amountRow),
          "",
        ]
      : []),
    ...summaries.flatMap((summary) => ("finishes" in summary ? [comparisonTable(summary)] : [])),
    ...summaries.flatMap(({ remarks = [] }) => [...remarks, ""]),
  ].join("\n");
}

function ratioRow({
  name,
  peer,
  bar,
  goal,
  cpuBar,
  cpuGoal,
  rateRatio,
  cpuRatio,
  holds,
}: RatioSummary): string {
  const rate = `${show(rateRatio)} | ${showBar(bar, goal)}`;
  const cpu = `${show(cpuRatio)} | ${showBar(cpuBar, cpuGoal)}`;
  return `| ${name} | ${peer} | ${rate} | ${cpu} | ${showHolds(holds)} |`;
}

const amountRow = ({ name, peer, amount, unit, most, holds }: AmountSummary): string =>
  `| ${name} | ${peer} | ${show(amount)} ${unit} | ≤ ${most} ${unit} | ${showHolds(holds)} |`;
