import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInspector, type SandboxChoice } from "@stowage/inspect";
import { describeSandbox } from "../describe-sandbox.ts";
import { type Diagnosis, failed, ok, warning } from "./diagnosis.ts";

/** What the operating system keeps decoding processes from here, found out by trying as the worker does. */
export async function checkDecoderSandbox(choice: SandboxChoice): Promise<Diagnosis> {
  const check = "decoder-sandbox";
  const temporaryDirectory = await mkdtemp(join(tmpdir(), "stowage-doctor-"));
  const inspector = createInspector({ temporaryDirectory, sandbox: choice });
  try {
    const { holds, sentence } = describeSandbox(await inspector.sandbox());
    if (holds || choice === "none") return ok(check, sentence);
    return (choice === "required" ? failed : warning)(check, sentence, howToHaveOne);
  } finally {
    await inspector.close();
    await rm(temporaryDirectory, { recursive: true, force: true });
  }
}

const howToHaveOne =
  process.platform === "linux"
    ? "See docs/self-hosting.md for what it needs; apt install bubblewrap."
    : "Run the server on Linux, or in a virtual machine that has nothing else in it.";
