import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export interface IssuerProcess {
  readonly port: number;
  /** `kill -9`, and waits until it is dead. */
  kill(): Promise<void>;
}

/** An issuer served by a process of its own, on `port`, or a free one where that is 0. */
export async function startIssuerProcess(
  directory: string,
  { issuerUrl, port = 0 }: { readonly issuerUrl?: string; readonly port?: number } = {},
): Promise<IssuerProcess> {
  const module = new URL("../index.ts", import.meta.url).href;
  const source = `
    import { createServer } from "node:http";
    import { createIssuerHttpHandler, openIssuer } from ${JSON.stringify(module)};
    const issuer = await openIssuer({ directory: ${JSON.stringify(directory)} });
    const server = createServer().listen(${port}, "localhost", () => {
      const { port } = server.address();
      const issuerUrl = ${JSON.stringify(issuerUrl)} ?? "http://localhost:" + port + "/oidc";
      server.on("request", createIssuerHttpHandler({
        issuer, issuerUrl, signUp: "open",
        onEvent: (event) => { if (event.type === "error") console.error(event.error); },
      }));
      process.stdout.write(port + "\\n");
    });`;
  const child: ChildProcess = spawn(
    process.execPath,
    ["--conditions=source", "--input-type=module", "-e", source],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const closed = once(child, "close");
  const [line] = await Promise.race([
    once(child.stdout ?? child, "data"),
    closed.then(() => Promise.reject(new Error("The issuer's process ended before it listened."))),
  ]);
  return {
    port: Number(String(line)),
    kill: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}
