/** What an element is scrolled in; nothing where it is the window. */
export function scrollerOf(element: Element): Element | undefined {
  for (let at = element.parentElement; at && at !== document.body; at = at.parentElement)
    if (/auto|scroll/.test(getComputedStyle(at).overflowY)) return at;
  return undefined;
}

/** Which part of an element is in sight, in pixels from its top. Above it figures are negative. */
export function visiblePart(element: Element): { readonly top: number; readonly bottom: number } {
  const box = element.getBoundingClientRect();
  const frame = scrollerOf(element)?.getBoundingClientRect();
  return {
    top: Math.max(0, frame?.top ?? 0) - box.top,
    bottom: Math.min(innerHeight, frame?.bottom ?? innerHeight) - box.top,
  };
}
