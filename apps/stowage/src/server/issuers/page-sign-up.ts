import type { ServerFacts } from "@stowage/web";
import type { ProcessSetup } from "../process-setup.ts";
import { embeddedIssuerUrl } from "./embedded-issuer-url.ts";
import type { SignIn } from "./sign-in-with.ts";
import { signUpOf } from "./sign-up-of.ts";

/** Who the page offers to make an account. Another provider decides that itself, on its own pages. */
export function pageSignUp(
  setup: Pick<ProcessSetup, "configuration" | "publicUrl">,
  signIn: SignIn | undefined,
): ServerFacts["signUp"] {
  if (!signIn) return "none";
  return signIn.issuer === embeddedIssuerUrl(setup.publicUrl) ? signUpOf(setup) : "open";
}
