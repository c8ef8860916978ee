// Runs in a sandbox that is being tried: loads what a decoding process loads, and says what it could reach.
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import sharp from "sharp";
import type { Attempt, Reached } from "./try-sandbox.ts";

process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
process.on("message", async ({ shown, hidden, port }: Attempt) => {
  const reached: Reached = {
    decoders: await decodes(shown),
    files: canRead(hidden),
    network: await canConnect(port),
  };
  process.send?.(reached);
});

function canRead(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}

async function decodes(path: string): Promise<boolean> {
  return canRead(path) && (await sharp({ create: onePixel }).png().toBuffer()).length > 0;
}

const onePixel = { width: 1, height: 1, channels: 3, background: "#000000" } as const;

async function canConnect(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1");
  socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
