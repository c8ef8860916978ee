export { type HandleStowageOptions, handleStowage, type NotificationWords } from "./handle-stowage.ts";
export type { WorkerClient, WorkerEvent, WorkerScope } from "./worker-scope.ts";
