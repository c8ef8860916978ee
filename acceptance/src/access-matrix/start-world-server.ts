import { type ScriptedClamd, startScriptedClamd } from "../harness/scripted-clamd.ts";
import { type Server, startServer } from "../harness/start-server.ts";

/** A server that a world is made in, with a scanner that can be taught. */
export interface WorldServer extends Server {
  readonly clamd: ScriptedClamd;
}

export async function startWorldServer(): Promise<WorldServer> {
  const clamd = await startScriptedClamd();
  const server = await startServer({
    set: {
      scanner: "clamd",
      "scanner.address": clamd.address,
      "scanner.maxSizeBytes": 2_000_000_000,
      // Who asks a thousand times in a minute is to hear the answer, not that they ask too often.
      "limits.acceptsPerMinute": 0,
    },
  });
  return {
    ...server,
    clamd,
    stop: async () => {
      const ended = await server.stop();
      await clamd.stop();
      return ended;
    },
  };
}
