import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** WCAG 2.2, levels A and AA, and what axe holds to be good practice. */
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];

/** What axe-core finds wrong on a page as it is now: a rule, where, and why, a line each. */
export async function findBarriers(page: Page): Promise<string[]> {
  // A colour that is still fading in has no contrast yet.
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState, effect }) => {
      const isEndless = effect?.getComputedTiming().endTime === Number.POSITIVE_INFINITY;
      return playState !== "running" || isEndless;
    }),
  );
  // Evaluated by the debugger, which a Content-Security-Policy does not hold back.
  await page.evaluate(axeSource);
  const results = await page.evaluate(
    (values): Promise<AxeResults> =>
      (window as unknown as { readonly axe: typeof import("axe-core") }).axe.run(document, {
        runOnly: { type: "tag", values },
        resultTypes: ["violations"],
      }),
    rules,
  );
  assert.ok(results.passes.length > 0, "axe-core looked at nothing");
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ target, html, any, all, none }) =>
        `${id} (${help}) at ${target.join(" ")}: ${[...any, ...all, ...none].map(({ message }) => message).join("; ")} – ${html.slice(0, 160)}`,
    ),
  );
}

/**
 * What would move on a page for longer than an eye sees, now or once something changes: an element, and how long, a line each. For pages of
 * who wants less motion (WCAG 2.2, 2.3.3).
 */
export const findMotion = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const seconds = (durations: string) => Math.max(...durations.split(",").map(Number.parseFloat));
    const seen = [...document.querySelectorAll("*")].flatMap((element) =>
      [undefined, "::before", "::after"].flatMap((pseudo) => {
        const { animationName, animationDuration, transitionDuration } = getComputedStyle(element, pseudo);
        const moves = [
          animationName === "none" ? 0 : seconds(animationDuration),
          seconds(transitionDuration),
        ];
        const name = `${element.localName}.${element.getAttribute("class") ?? ""}${pseudo ?? ""}`;
        return Math.max(...moves) > 0.001 ? [`${name} moves for ${Math.max(...moves)} s`] : [];
      }),
    );
    return [...new Set(seen)];
  });

/** Fails with everything that axe-core finds wrong on a page as it is now. `what` names the screen. */
export async function assertAccessible(page: Page, what: string): Promise<void> {
  const barriers = await findBarriers(page);
  assert.deepEqual(barriers, [], `axe-core on ${what}`);
}
