/**
 * `call`, made at once but at most once in `everyMs`: what is asked for meanwhile is one call at its end. For telling
 * that there is something to do, where telling twice says no more than once.
 */
export function atMostEvery(everyMs: number, call: () => void): () => void {
  let isAsked = false;
  let timer: NodeJS.Timeout | undefined;
  const rest = (): void => {
    // Keeps no process alive: who stops looks for work at the next start.
    timer = setTimeout(() => {
      timer = undefined;
      if (!isAsked) return;
      isAsked = false;
      call();
      rest();
    }, everyMs).unref();
  };
  return () => {
    if (timer !== undefined) {
      isAsked = true;
      return;
    }
    call();
    rest();
  };
}
