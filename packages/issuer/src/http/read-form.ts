import type { IncomingMessage } from "node:http";

/** Ours have an address, a name and two passwords of 1,024 bytes at most, each byte perhaps percent-encoded. */
const maxFormBytes = 16 * 1024;

/** A form that can't be read. The connection may still be bringing the rest of it. */
export class UnreadableFormError extends Error {
  override readonly name = "UnreadableFormError";
  readonly status: 400 | 413 | 415;
  constructor(message: string, status: 400 | 413 | 415) {
    super(message);
    this.status = status;
  }
}

/**
 * Reads an HTML form (`application/x-www-form-urlencoded`) of 16 KiB at most. Of a name that comes twice the first
 * counts.
 *
 * @throws {UnreadableFormError}
 */
export async function readForm(request: IncomingMessage): Promise<ReadonlyMap<string, string>> {
  const [type = ""] = (request.headers["content-type"] ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/x-www-form-urlencoded")
    throw new UnreadableFormError("Only application/x-www-form-urlencoded is read here.", 415);
  if (Number(request.headers["content-length"] ?? 0) > maxFormBytes) throw tooLarge();
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false })) {
      size += (piece as Buffer).length;
      if (size > maxFormBytes) throw tooLarge();
      pieces.push(piece as Buffer);
    }
  } catch (error) {
    if (error instanceof UnreadableFormError) throw error;
    throw new UnreadableFormError("The form broke off.", 400);
  }
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(Buffer.concat(pieces).toString("utf8")))
    if (!form.has(name)) form.set(name, value);
  return form;
}

const tooLarge = () => new UnreadableFormError(`A form has ${maxFormBytes} bytes at most.`, 413);
