/** One time series of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

const metricName = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const sampleLine = new RegExp(`^(${metricName})(?:\\{(.*)\\})? (\\S+)$`);
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/y;

/**
 * Prometheus' text format, version 0.0.4, as strictly as a scraper may take it: each family has HELP and TYPE once, before
 * its samples, which stand together; no series comes twice; histograms add up.
 *
 * Throws where the text is anything else.
 */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith("\n")) throw new Error("The last line has no end.");
  const families = new Map<string, Family & { readonly samples: Sample[] }>();
  const seen = new Set<string>();
  let help: { name: string; text: string } | undefined;
  let current: (Family & { readonly samples: Sample[] }) | undefined;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, kind, about = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === "HELP") {
      if (families.has(about)) throw new Error(`${about} comes twice.`);
      help = { name: about, text: rest };
      current = undefined;
    } else if (kind === "TYPE") {
      if (help?.name !== about) throw new Error(`TYPE of ${about} without its HELP before it.`);
      if (rest !== "counter" && rest !== "gauge" && rest !== "histogram")
        throw new Error(`${about} is of type ${rest}.`);
      current = { name: about, type: rest, help: help.text, samples: [] };
      families.set(about, current);
    } else {
      if (line.startsWith("#")) throw new Error(`Not a line that we write: ${line}`);
      const sample = parseSample(line);
      if (!current || !belongs(current, sample.name)) throw new Error(`Out of its family: ${line}`);
      const identity = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (seen.has(identity)) throw new Error(`Twice: ${line}`);
      seen.add(identity);
      current.samples.push(sample);
    }
  }
  for (const family of families.values()) assertSound(family);
  return families;
}

function parseSample(line: string): Sample {
  const [, name = "", labelText = "", valueText = ""] = sampleLine.exec(line) ?? [];
  if (name === "") throw new Error(`Not a sample: ${line}`);
  const labels: Record<string, string> = {};
  labelPair.lastIndex = 0;
  while (labelPair.lastIndex < labelText.length) {
    const at = labelPair.lastIndex;
    const [, label = "", value = ""] = labelPair.exec(labelText) ?? [];
    if (label === "") throw new Error(`Not labels, from ${labelText.slice(at)}: ${line}`);
    if (Object.hasOwn(labels, label)) throw new Error(`The label ${label} comes twice: ${line}`);
    labels[label] = value.replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c));
  }
  const value = valueText === "+Inf" ? Number.POSITIVE_INFINITY : Number(valueText);
  if (Number.isNaN(value) && valueText !== "NaN" && valueText !== "Nan")
    throw new Error(`No number: ${line}`);
  return { name, labels, value };
}

const belongs = ({ name, type }: Family, sample: string): boolean =>
  type === "histogram"
    ? [`${name}_bucket`, `${name}_sum`, `${name}_count`].includes(sample)
    : sample === name;

function assertSound({ name, type, samples }: Family): void {
  if (type === "counter") {
    if (!name.endsWith("_total")) throw new Error(`The counter ${name} does not end in _total.`);
    for (const { value } of samples) if (!(value >= 0)) throw new Error(`${name} is ${value}.`);
  }
  if (type !== "histogram") return;
  const buckets = new Map<string, Sample[]>();
  const counts = new Map<string, number>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const series = JSON.stringify(labels);
    if (sample.name.endsWith("_bucket")) buckets.set(series, [...(buckets.get(series) ?? []), sample]);
    if (sample.name.endsWith("_count")) counts.set(series, sample.value);
  }
  if (buckets.size !== counts.size) throw new Error(`${name} has buckets without counts.`);
  for (const [series, each] of buckets) {
    let last = -1;
    for (const { value } of each) {
      if (value < last) throw new Error(`${name}${series}: a bucket holds less than a smaller one.`);
      last = value;
    }
    if (each.at(-1)?.labels.le !== "+Inf" || counts.get(series) !== last)
      throw new Error(`${name}${series}: the count is not the last bucket's.`);
  }
}

/** The sum over all series that have these labels; 0 where there is none. */
export function sumOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const family = families.get(name.replace(/_(bucket|sum|count)$/, "")) ?? families.get(name);
  if (!family) throw new Error(`There is no metric ${name}.`);
  return family.samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
