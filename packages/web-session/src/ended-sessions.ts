/** As long as a browser could be late with an answer that was under way; the issuer refuses what it revoked for good. */
const rememberedMs = 24 * 3_600_000;
const maxRemembered = 10_000;

/** Sessions that were ended by this process: an answer that was under way must not bring one back. */
export interface EndedSessions {
  add(sessionId: string): void;
  has(sessionId: string): boolean;
}

export function createEndedSessions(nowMs: () => number): EndedSessions {
  // In the order of their end.
  const endedAtMs = new Map<string, number>();
  return {
    add(sessionId) {
      endedAtMs.delete(sessionId);
      endedAtMs.set(sessionId, nowMs());
      for (const [id, atMs] of endedAtMs) {
        if (endedAtMs.size <= maxRemembered && nowMs() - atMs <= rememberedMs) break;
        endedAtMs.delete(id);
      }
    },
    has: (sessionId) => endedAtMs.has(sessionId),
  };
}
