import type { createInspector, SandboxChoice } from "@stowage/inspect";
import type { Logger } from "pino";
import { describeSandbox } from "./describe-sandbox.ts";

type Sandboxed = Pick<ReturnType<typeof createInspector>, "sandbox">;

/** Where it is required, nothing starts before it was seen to hold. Throws a sentence that says why it does not. */
export async function assertSandbox(inspector: Sandboxed, choice: SandboxChoice): Promise<void> {
  if (choice !== "required") return;
  const { holds, sentence } = describeSandbox(await inspector.sandbox());
  if (!holds) throw new Error(`inspect.sandbox is "required", but: ${sentence}`);
}

/** What decoding processes are kept from on this machine, once in the log. */
export async function saySandbox(inspector: Sandboxed, logger: Logger): Promise<void> {
  try {
    const chosen = await inspector.sandbox();
    const { holds, sentence } = describeSandbox(chosen);
    if (holds || chosen.sandbox.name === "none") logger.info(sentence);
    else logger.warn(sentence);
  } catch (err) {
    logger.warn({ err }, "what decoding processes are kept from is not known");
  }
}
