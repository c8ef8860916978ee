import { CommandError } from "../../cli/command.ts";
import { choosePorts } from "../choose-ports.ts";
import type { Configuration } from "../settings.ts";
import { type Diagnosis, failed, ok } from "./diagnosis.ts";

/** Whether a start would find its ports free; for a server that does not run. */
export async function checkPorts({ host, port }: Configuration): Promise<Diagnosis> {
  try {
    await choosePorts(host, port);
    return ok(
      "ports",
      port === 0 ? "Free ones will be taken." : `${port} and ${port + 1} are free on ${host}.`,
    );
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return failed(
      "ports",
      error.message,
      "Stop what uses the port, or set another: port in stowage.json, or stowage up --port N.",
    );
  }
}
