import assert from "node:assert/strict";
import type { BrowserContext, Page } from "playwright-core";

/** One request that a page sent. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly origin: string;
  readonly bodyBytes: number;
}

/** What went wrong in the pages of a browser context, and what they sent. */
export interface Watch {
  readonly complaints: readonly string[];
  readonly requests: readonly SentRequest[];
  /** What is expected from here on: complaints that match are not kept. Answers how to stop expecting it. */
  expect(pattern: RegExp): () => void;
  /** Fails with all complaints so far, and forgets them. */
  assertClean(): void;
}

/**
 * What Chromium itself says on the console of requests that have no network; the last, of a service worker's script, which it asks for
 * at moments of its own.
 */
export const failedRequests =
  /ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_NETWORK_CHANGED|unknown error occurred when fetching the script/;

/** The report of a violated Content-Security-Policy, as the page's own event tells it. */
const reportViolations = () => {
  document.addEventListener("securitypolicyviolation", (event) => {
    // The console is the one way out of a page that a policy cannot close.
    console.error(
      `CSP: ${event.effectiveDirective} refused ${event.blockedURI || "inline"} (${event.sourceFile}:${event.lineNumber}) ${event.sample}`,
    );
  });
};

/**
 * Watches every page that a context has or will have: errors that nobody caught, errors on the console,
 * violations of the Content-Security-Policy, and each request. Call before the first page opens.
 */
export async function watchPages(context: BrowserContext): Promise<Watch> {
  let complaints: string[] = [];
  const requests: SentRequest[] = [];
  const expected = new Set<RegExp>();
  const complain = (complaint: string) => {
    if (![...expected].some((pattern) => pattern.test(complaint))) complaints.push(complaint);
  };
  await context.addInitScript(reportViolations);
  context.on("weberror", (error) => complain(`page error: ${error.error().stack ?? error.error().message}`));
  context.on("console", (message) => {
    if (message.type() !== "error") return;
    const { url } = message.location();
    complain(`console: ${message.text()} (${url})`);
  });
  context.on("request", (request) => {
    const url = request.url();
    requests.push({
      method: request.method(),
      url,
      origin: URL.canParse(url) ? new URL(url).origin : "",
      bodyBytes: request.postDataBuffer()?.length ?? 0,
    });
  });
  return {
    get complaints() {
      return complaints;
    },
    requests,
    expect(pattern) {
      expected.add(pattern);
      return () => expected.delete(pattern);
    },
    assertClean() {
      const all = complaints;
      complaints = [];
      assert.deepEqual(all, [], "pages complained");
    },
  };
}

/** Shifts of what is on screen that the person did not cause, since `watchLayout`. 0 is none; 0.1 is felt. */
export interface LayoutShifts {
  readonly sum: number;
  readonly worst: string;
}

/** Begins to add up layout shifts (the same that Core Web Vitals adds up) in a page that is open. */
export const watchLayout = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const seen = { sum: 0, worst: "", worstValue: 0 };
    Object.assign(window, { layoutShiftsSeen: seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        readonly value: number;
        readonly hadRecentInput: boolean;
        readonly sources: readonly { readonly node: Node | null }[];
      })[]) {
        if (entry.hadRecentInput) continue;
        seen.sum += entry.value;
        if (entry.value <= seen.worstValue) continue;
        seen.worstValue = entry.value;
        seen.worst = entry.sources
          .map(({ node }) => (node instanceof Element ? node.outerHTML.slice(0, 120) : String(node)))
          .join(" | ");
      }
    }).observe({ type: "layout-shift", buffered: false });
  });

export const readLayoutShifts = (page: Page): Promise<LayoutShifts> =>
  page.evaluate(() => {
    const { layoutShiftsSeen } = window as unknown as { readonly layoutShiftsSeen: LayoutShifts };
    return { sum: layoutShiftsSeen.sum, worst: layoutShiftsSeen.worst };
  });
