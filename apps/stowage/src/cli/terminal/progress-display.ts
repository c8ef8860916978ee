/** Lines that stay at the bottom of a terminal while results scroll by above them. */
export interface ProgressDisplay {
  /** Something changed: the lines are drawn anew, at most ten times a second. */
  refresh(): void;
  /** Writes something that stays, above the lines. */
  print(write: () => void): void;
  /** Takes the lines away. */
  end(): void;
}

interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const redrawEveryMs = 100;
const defaultColumns = 80;
/** Up so many lines, to the first column, and clear from there to the end of the screen. */
const clear = (lines: number): string => `${lines > 0 ? `\u001b[${lines}A` : ""}\r\u001b[J`;

/**
 * On a screen that is no terminal nothing is drawn, and what is printed is printed.
 *
 * @param render - the lines now, each at most so many columns wide
 */
export function createProgressDisplay(
  screen: Screen,
  render: (columns: number) => readonly string[],
): ProgressDisplay {
  if (screen.isTTY !== true)
    return { refresh: () => undefined, print: (write) => write(), end: () => undefined };
  let drawnLines = 0;
  let timer: NodeJS.Timeout | undefined;

  const erase = () => {
    if (drawnLines > 0) screen.write(clear(drawnLines));
    drawnLines = 0;
  };
  const draw = () => {
    timer = undefined;
    // The last column stays free: some terminals break the line once it is full.
    const lines = render((screen.columns ?? defaultColumns) - 1);
    screen.write(`${clear(drawnLines)}${lines.map((line) => `${line}\n`).join("")}`);
    drawnLines = lines.length;
  };

  return {
    refresh() {
      timer ??= setTimeout(draw, redrawEveryMs).unref();
    },
    print(write) {
      erase();
      write();
      timer ??= setTimeout(draw, 0).unref();
    },
    end() {
      clearTimeout(timer);
      erase();
    },
  };
}

/** `[=====>    ]`, so many columns wide in all. */
export function progressBar(share: number, columns: number): string {
  const inner = Math.max(1, columns - 2);
  const filled = Math.round(Math.min(1, Math.max(0, share)) * inner);
  const head = filled > 0 && filled < inner ? ">" : "=";
  return `[${`${"=".repeat(Math.max(0, filled - 1))}${filled > 0 ? head : ""}`.padEnd(inner)}]`;
}
