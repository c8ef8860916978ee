import type { IncomingMessage, ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import type { IssuerPorts } from "../issuer-ports.ts";
import type { cookieConfiguration } from "../protocol/cookies.ts";
import type { IssuerEvent, SignUp } from "./http-options.ts";
import type { Pages } from "./pages/page.ts";

/** What answering a request needs. */
export interface HttpContext {
  readonly ports: IssuerPorts;
  /** Loaded when it is first asked for. */
  provider(): Promise<Provider>;
  readonly pages: Pages;
  /** Path of the issuer, without a closing slash. */
  readonly path: string;
  /** Origin of the issuer. */
  readonly origin: string;
  readonly webOrigin: string;
  /** Where the web application begins to sign in. */
  readonly signInUrl: string;
  readonly signUp: SignUp;
  readonly cookies: ReturnType<typeof cookieConfiguration>;
  clientAddress(request: IncomingMessage): string;
  tell(event: IssuerEvent): void;
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}
