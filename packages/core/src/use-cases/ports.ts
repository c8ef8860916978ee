import type { Limits } from "../limits.ts";
import type { Clock } from "../ports/clock.ts";
import type { IdSource } from "../ports/id-source.ts";
import type { IssuerAccounts } from "../ports/issuer-accounts.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { PassphraseHasher, TokenSource } from "../ports/secrets.ts";
import type { Drawing } from "./wanted-derivatives.ts";

/** What the use cases that answer requests need. */
export interface ServicePorts extends Drawing {
  readonly metadata: MetadataStore;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly limits: Limits;
  /** Of the issuer that runs here. Default: none does. */
  readonly issuerAccounts?: IssuerAccounts;
  readonly tokens: TokenSource;
  readonly passphrases: PassphraseHasher;
  /** Tells the worker, wherever it runs, that an upload waits. A hint: nothing is lost where it is. */
  wakeWorker(): void;
}
