/** How often something may be tried: so often at once, then after waits that double. */
export interface TryRule {
  /** Tries without a wait. */
  readonly free: number;
  /** The wait after the first try beyond these; each further one doubles it. */
  readonly firstWaitSeconds: number;
  readonly longestWaitSeconds: number;
  /** After so many it ends: no wait helps. Default: never. */
  readonly most?: number;
  /** All is forgotten this long after the last try, or after the first where `isWindow`. */
  readonly forgetSeconds: number;
  readonly isWindow?: boolean;
}

/** What is remembered of tries. Times in milliseconds since 1970. */
export interface TryCount {
  readonly count: number;
  readonly lastAt: number;
  readonly expiresAt: number;
}

export type TryDecision =
  | { readonly next: TryCount }
  /** Not now: in so many seconds, 1 or more; never where there are none. */
  | { readonly waitSeconds: number | undefined };

/** Whether one more try is let through now, and what is remembered then. A refused one is not counted. */
export function decideTry(before: TryCount | undefined, rule: TryRule, nowMs: number): TryDecision {
  const known = before !== undefined && before.expiresAt > nowMs ? before : undefined;
  const count = known?.count ?? 0;
  if (rule.most !== undefined && count >= rule.most) return { waitSeconds: undefined };
  // A clock that was set back makes nobody wait for longer than the rule says.
  const waitedMs = Math.max(0, nowMs - (known?.lastAt ?? 0));
  const leftMs = waitSecondsAfter(count, rule) * 1000 - waitedMs;
  if (known !== undefined && leftMs > 0) return { waitSeconds: Math.ceil(leftMs / 1000) };
  const endsAt = nowMs + rule.forgetSeconds * 1000;
  return {
    next: {
      count: count + 1,
      lastAt: nowMs,
      expiresAt: rule.isWindow && known !== undefined ? known.expiresAt : endsAt,
    },
  };
}

/** How long the try after `count` of them has to wait. */
function waitSecondsAfter(count: number, { free, firstWaitSeconds, longestWaitSeconds }: TryRule): number {
  if (count < free) return 0;
  return Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** Math.min(count - free, 30));
}
