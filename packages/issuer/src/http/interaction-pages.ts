import { clientName } from "../protocol/clients.ts";
import type { Interaction } from "./finish-sign-in.ts";
import type { HttpContext } from "./http-context.ts";

/** What all pages of one interaction share. */
export interface InteractionPlace {
  readonly signInUrl: string;
  readonly signUpUrl: string;
  readonly confirmUrl: string;
  readonly clientName: string;
  /** Where the answer to a form may lead besides our own origin: the client's address. */
  readonly formTargets: readonly string[];
}

export function placeOf({ path, origin }: HttpContext, { uid, params }: Interaction): InteractionPlace {
  const base = `${path}/interaction/${uid}`;
  const target = URL.parse(String(params.redirect_uri))?.origin;
  return {
    signInUrl: `${base}/sign-in`,
    signUpUrl: `${base}/sign-up`,
    confirmUrl: `${base}/confirm`,
    clientName: clientName(String(params.client_id)),
    formTargets: target === undefined || target === origin || target === "null" ? [] : [target],
  };
}
