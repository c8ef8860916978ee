/** What is used of a `ServiceWorkerGlobalScope`; `self` fits. */
export interface WorkerScope {
  readonly registration: {
    readonly scope: string;
    showNotification(title: string, options?: { readonly tag?: string }): Promise<void>;
  };
  readonly clients: {
    matchAll(options: {
      readonly type: "window";
      readonly includeUncontrolled: boolean;
    }): Promise<readonly WorkerClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  addEventListener(type: string, listener: (event: WorkerEvent) => void): void;
}

export interface WorkerClient {
  readonly url: string;
  readonly visibilityState?: string;
  focus?(): Promise<unknown>;
}

/** What is used of its events: a `SyncEvent`, a `MessageEvent`, a `NotificationEvent`. */
export interface WorkerEvent {
  readonly tag?: string;
  readonly data?: unknown;
  readonly notification?: { readonly tag: string; close(): void };
  waitUntil?(work: Promise<unknown>): void;
}
