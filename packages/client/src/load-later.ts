import { NetworkError } from "./errors.ts";

/**
 * Loads what an upload that goes well does not need.
 *
 * @param load - `() => import("…")`: bundlers want to see the file's name
 * @throws NetworkError where it can't be loaded: there may be no network, and the next try may be luckier
 */
export async function loadLater<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    throw new NetworkError("A part of this program could not be loaded.", { cause });
  }
}

/** An object of methods, asynchronous all of them, that is made at the first call of one. */
export function madeLater<Methods extends object>(make: () => Promise<Methods>): Methods {
  let making: Promise<Methods> | undefined;
  const made = async () => {
    try {
      making ??= loadLater(make);
      return await making;
    } catch (error) {
      making = undefined;
      throw error;
    }
  };
  return new Proxy({} as Methods, {
    // It is no promise: who awaits it has it.
    get: (_, name) =>
      name === "then"
        ? undefined
        : async (...parameters: unknown[]) =>
            ((await made())[name as keyof Methods] as (...all: unknown[]) => unknown)(...parameters),
  });
}
