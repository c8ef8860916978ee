import { lstat, stat } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import type { File } from "@stowage/protocol";
import type { CommandContext } from "../command.ts";
import { textOption } from "../parse-options.ts";
import { safeFileName } from "./safe-file-name.ts";

/** Not the original, but a derivative of it: of a document's page, where one is named. */
export interface AskedPicture {
  readonly derivative: string;
  readonly page: number | undefined;
}

/** Where a download goes. The server's name for a file is never taken for a path. */
export async function chooseTarget(
  context: CommandContext,
  file: Pick<File, "id" | "name" | "derivatives">,
  picture: AskedPicture | undefined,
): Promise<string> {
  const output = textOption(context, "output");
  const name = safeFileName(nameOf(file, picture), file.id);
  if (output === undefined) return resolve(context.cwd, name);
  const target = resolve(context.cwd, output);
  const isFolder = output.endsWith("/") || (await isDirectory(target));
  return isFolder ? join(target, name) : target;
}

const extensions: ReadonlyMap<string, string> = new Map([
  ["image/webp", ".webp"],
  ["image/jpeg", ".jpg"],
  ["image/png", ".png"],
  ["image/avif", ".avif"],
  ["application/pdf", ".pdf"],
]);

function nameOf(
  { name, derivatives }: Pick<File, "name" | "derivatives">,
  picture: AskedPicture | undefined,
): string {
  if (!picture) return name;
  const { derivative, page } = picture;
  const made = derivatives.find((one) => one.name === derivative);
  const stem = name.slice(0, name.length - extname(name).length);
  const ofPage = page === undefined || page === 1 ? "" : `-${page}`;
  return `${stem}-${derivative}${ofPage}${extensions.get(made?.contentType ?? "") ?? ""}`;
}

const isDirectory = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // What is not there, or can't be looked at, is said when it is written to.
    return false;
  }
};

/** Also a link that leads nowhere is something. */
export const exists = async (path: string): Promise<boolean> => {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
};
