import type { QueueChannel } from "../queue/queue-channel.ts";

/** Channels between queues of one program, by name: what tabs are to a browser. Messages come a turn later. */
export function createMemoryChannels<Message>(): (name: string) => QueueChannel<Message> {
  const channels = new Map<string, Set<Set<(message: Message) => void>>>();
  return (name) => {
    const all = channels.get(name) ?? new Set();
    channels.set(name, all);
    const listeners = new Set<(message: Message) => void>();
    all.add(listeners);
    return {
      post(message) {
        const copy = structuredClone(message);
        for (const others of all)
          if (others !== listeners)
            queueMicrotask(() => {
              for (const listener of others) listener(copy);
            });
      },
      listen(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      close() {
        all.delete(listeners);
        listeners.clear();
      },
    };
  };
}
