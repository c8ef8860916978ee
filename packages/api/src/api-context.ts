import type { ServicePorts } from "@stowage/core";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { ApiObserver } from "./api-observer.ts";
import type { Authenticate } from "./authentication/authenticate.ts";
import type { CapabilityTokens } from "./authentication/capability-tokens.ts";
import type { FileListCursors } from "./present/file-list-cursor.ts";
import type { SequenceSeal } from "./present/seal-sequence.ts";
import type { LimitAccepts } from "./rate-limits/limit-accepts.ts";
import type { LimitCreates } from "./rate-limits/limit-creates.ts";

/** Fastify with routes typed by their zod schemas. */
export type ApiServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What every resource's routes get. */
export interface ApiContext {
  readonly services: ServicePorts;
  readonly authenticate: Authenticate;
  readonly capabilityTokens: CapabilityTokens;
  readonly sequenceSeal: SequenceSeal;
  readonly fileListCursors: FileListCursors;
  /** Where the web page is: no slash at its end. */
  readonly webUrl: string;
  readonly limitCreates: LimitCreates;
  readonly limitParts: LimitCreates;
  readonly limitAccepts: LimitAccepts;
  readonly observer?: ApiObserver;
}
