import { type PointerEvent, useRef } from "react";

/** A finger that goes less far has only rested. */
const leastDistance = 56;
/** Down must be meant: half as much again. */
const leastDown = 110;

/** Which way a finger went; nothing where it is not clear. */
export function swipeOf(dx: number, dy: number): "left" | "right" | "down" | undefined {
  if (Math.abs(dx) >= leastDistance && Math.abs(dx) > 1.5 * Math.abs(dy)) return dx < 0 ? "left" : "right";
  return dy >= leastDown && dy > 1.5 * Math.abs(dx) ? "down" : undefined;
}

/** Swipes of one finger. What scrolls by itself (a zoomed picture, details) keeps its own. */
export function useSwipe({
  onLeft,
  onRight,
  onDown,
}: {
  readonly onLeft: () => void;
  readonly onRight: () => void;
  readonly onDown: () => void;
}) {
  const start = useRef<{ id: number; x: number; y: number }>(undefined);
  return {
    onPointerDown(event: PointerEvent) {
      const { target } = event;
      // Thumbs begin at the edges, where Previous and Next are: a swipe there is one, a tap is the button's.
      const isTaken =
        target instanceof Element &&
        target.closest("[data-zoomed], .side-panel, input, button:not(.step), video") !== null;
      start.current =
        event.pointerType === "touch" && event.isPrimary && !isTaken
          ? { id: event.pointerId, x: event.clientX, y: event.clientY }
          : undefined;
    },
    onPointerUp(event: PointerEvent) {
      const from = start.current;
      start.current = undefined;
      if (!from || from.id !== event.pointerId) return;
      const swipe = swipeOf(event.clientX - from.x, event.clientY - from.y);
      if (swipe === "left") onLeft();
      else if (swipe === "right") onRight();
      else if (swipe === "down") onDown();
    },
    onPointerCancel() {
      start.current = undefined;
    },
  };
}
