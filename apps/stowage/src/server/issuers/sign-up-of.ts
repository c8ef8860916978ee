import type { SignUp } from "@stowage/issuer";
import { isLoopbackHost } from "../loopback.ts";
import type { ProcessSetup } from "../process-setup.ts";

/** A page that strangers can reach is open to them only if that was said aloud. */
export function signUpOf({
  configuration,
  publicUrl,
}: Pick<ProcessSetup, "configuration" | "publicUrl">): SignUp {
  const setting = configuration["issuer.signUp"];
  const { host } = configuration;
  const isOurs =
    isLoopbackHost(host.includes(":") ? `[${host}]` : host) && isLoopbackHost(new URL(publicUrl).hostname);
  return setting === "open" || (setting === "loopback" && isOurs) ? "open" : "invited";
}
