import type { QueueChannel } from "../queue/queue-channel.ts";

/** Between the tabs and workers of an origin that have an owner's queue open. */
export function createBroadcastChannel<Message>(owner: string): QueueChannel<Message> {
  const channel = new BroadcastChannel(`stowage queue ${owner}`);
  return {
    post: (message) => channel.postMessage(message),
    listen(listener) {
      const hear = ({ data }: MessageEvent<Message>) => listener(data);
      channel.addEventListener("message", hear);
      return () => channel.removeEventListener("message", hear);
    },
    close: () => channel.close(),
  };
}
