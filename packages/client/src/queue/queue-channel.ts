/** Plain data between the programs that have the same queue open; who sends a message does not hear it. */
export interface QueueChannel<Message = unknown> {
  post(message: Message): void;
  /** Returns how to stop listening. */
  listen(listener: (message: Message) => void): () => void;
  close(): void;
}
