import assert from "node:assert/strict";
import type { CDPSession, Page } from "playwright-core";

/** What has the focus, as a screen reader would say it, and whether one sees it. */
export interface Focused {
  readonly role: string;
  readonly name: string;
  /** An outline or a ring is drawn around it or what it is in. */
  readonly isVisible: boolean;
  readonly isInSight: boolean;
}

/** Acts on a page with nothing but keys, and looks at every stop. */
export interface Keyboard {
  /** Presses a key and answers what has the focus then. Fails where nothing has it, or nothing shows it. */
  press(key: string): Promise<Focused>;
  /**
   * Tab until something of that name has the focus; fails after as many stops (default 60). After the last one of the
   * page, or of a dialog, it is the browser's own turn, once round.
   */
  tabTo(
    name: string | RegExp,
    options?: { readonly backwards?: boolean; readonly within?: number },
  ): Promise<Focused>;
  focused(): Promise<Focused>;
  close(): Promise<void>;
}

const mostStops = 60;
const endOfRound = "(the browser's own)";

const isNothing = ({ role }: Focused): boolean => ["RootWebArea", "none", "generic", ""].includes(role);

export async function createKeyboard(page: Page): Promise<Keyboard> {
  const session = await page.context().newCDPSession(page);
  const assertSeen = (focused: Focused, after: string): Focused => {
    assert.ok(!isNothing(focused), `after ${after} the focus is lost (${focused.role})`);
    assert.ok(focused.isVisible, `after ${after} nothing shows that "${focused.name}" has the focus`);
    assert.ok(focused.isInSight, `after ${after} "${focused.name}" has the focus, out of sight`);
    return focused;
  };
  const press = async (key: string) => {
    await page.keyboard.press(key);
    return assertSeen(await readFocused(page, session), key);
  };
  return {
    press,
    focused: () => readFocused(page, session),
    async tabTo(name, { backwards = false, within = mostStops } = {}) {
      const key = backwards ? "Shift+Tab" : "Tab";
      const stops: string[] = [];
      while (stops.length < within) {
        await page.keyboard.press(key);
        const focused = await readFocused(page, session);
        if (isNothing(focused) && stops.at(-1) !== endOfRound) {
          stops.push(endOfRound);
          continue;
        }
        assertSeen(focused, key);
        if (typeof name === "string" ? focused.name === name : name.test(focused.name)) return focused;
        stops.push(`${focused.role} "${focused.name}"`);
      }
      throw new Error(`${key} does not lead to ${name}: ${stops.join(", ")}`);
    },
    close: () => session.detach(),
  };
}

async function readFocused(page: Page, session: CDPSession): Promise<Focused> {
  const { result } = await session.send("Runtime.evaluate", { expression: "document.activeElement" });
  const { nodes } = await session.send("Accessibility.getPartialAXTree", {
    ...(result.objectId === undefined ? {} : { objectId: result.objectId }),
    fetchRelatives: false,
  });
  const looks = await page.evaluate(() => {
    const element = document.activeElement;
    if (element === null) return { isVisible: false, isInSight: false };
    const draws = (style: CSSStyleDeclaration) =>
      (style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) > 0) ||
      style.boxShadow !== "none";
    const { parentElement } = element;
    const isVisible =
      element.matches(":focus-visible") &&
      [
        getComputedStyle(element),
        getComputedStyle(element, "::before"),
        getComputedStyle(element, "::after"),
        ...(parentElement === null ? [] : [getComputedStyle(parentElement)]),
      ].some(draws);
    const { top, left, bottom, right } = element.getBoundingClientRect();
    const isInSight = bottom > 0 && right > 0 && top < window.innerHeight && left < window.innerWidth;
    return { isVisible, isInSight };
  });
  const node = nodes[0];
  return {
    role: String(node?.role?.value ?? ""),
    name: String(node?.name?.value ?? ""),
    ...looks,
  };
}
