import type { interactionPolicy as InteractionPolicy, KoaContextWithOIDC } from "oidc-provider";

/**
 * What a person is asked before a client gets a code: to make an account (`prompt=create`, Initiating User Registration
 * 1.0), to sign in, to say yes. There is no page of consents, as both clients are ours; but a code for the command line
 * is given to whatever listens on a port of the person's machine, so that one is never given without a click of theirs
 * (RFC 8252 §8.6).
 */
export function createPolicy({
  base,
  Check,
  Prompt,
}: typeof InteractionPolicy): InteractionPolicy.DefaultPolicy {
  const policy = base();
  policy.remove("consent");
  policy.add(new Prompt({ name: "create", requestable: true }), 0);
  policy.add(
    new Prompt(
      { name: "consent", requestable: true },
      new Check(
        "native_client_prompt",
        "native clients require End-User interaction",
        "interaction_required",
        (ctx) => (mustConfirm(ctx) ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT),
      ),
    ),
  );
  return policy;
}

const mustConfirm = ({ oidc }: KoaContextWithOIDC): boolean =>
  oidc.client?.applicationType === "native" && oidc.result?.consent === undefined;

/** Whether a person will be asked something before this request is answered, as far as that is known beforehand. */
export const willAsk = (ctx: KoaContextWithOIDC): boolean =>
  mustConfirm(ctx) || ["create", "login", "consent"].some((prompt) => ctx.oidc.promptPending(prompt));
