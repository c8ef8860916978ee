import { spawn } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { checkoutDir, makeFolder, removeFolder } from "./run-cli.ts";
import { waitFor } from "./wait-for.ts";

const nginx = "/usr/sbin/nginx";

/** Host names that no DNS knows: the browser and the command line are told where they are. */
export const pageHost = "photos.test";
export const filesHost = "files.test";

/** nginx with TLS before a Stowage on this machine, configured as `docs/reverse-proxy.md` says. */
export interface TlsProxy {
  readonly publicUrl: string;
  readonly bucketUrl: string;
  readonly port: number;
  /** The authority that signed the certificate, PEM: a file for programs, the text for Node's `ca`. */
  readonly authorityFile: string;
  readonly authority: string;
  /** Of the certificate's public key, base64, for Chromium. */
  readonly keySha256: string;
  stop(): Promise<void>;
}

export interface TlsProxyOptions {
  /** Where it listens. */
  readonly port: number;
  /** Where Stowage listens. */
  readonly apiPort: number;
  readonly bucketPort: number;
}

/** @throws Error with nginx's or openssl's words where it does not start */
export async function startTlsProxy({ port, apiPort, bucketPort }: TlsProxyOptions): Promise<TlsProxy> {
  if (!existsSync(nginx)) throw new Error(`There is no ${nginx}: npm run test:setup installs it.`);
  const folder = await makeFolder("tls");
  const certificates = await makeCertificates(folder);
  const documented = /```nginx\n(.*?)```/s.exec(
    readFileSync(join(checkoutDir, "docs", "reverse-proxy.md"), "utf8"),
  )?.[1];
  if (documented === undefined) throw new Error("docs/reverse-proxy.md shows no nginx configuration.");
  const replacements: readonly (readonly [found: string, instead: string])[] = [
    ["listen 443 ", `listen 127.0.0.1:${port} `],
    ["photos.example", pageHost],
    ["files.example", filesHost],
    ["/etc/ssl/stowage/fullchain.pem", certificates.certificateFile],
    ["/etc/ssl/stowage/privkey.pem", certificates.keyFile],
    ["127.0.0.1:8420", `127.0.0.1:${apiPort}`],
    ["127.0.0.1:8421", `127.0.0.1:${bucketPort}`],
  ];
  let servers = documented;
  for (const [found, instead] of replacements) {
    if (!servers.includes(found)) throw new Error(`The documented configuration has no "${found}".`);
    servers = servers.replaceAll(found, instead);
  }
  const file = join(folder, "nginx.conf");
  writeFileSync(
    file,
    `daemon off;
pid ${folder}/nginx.pid;
error_log stderr warn;
${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes 1;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  ${servers}
}
`,
  );
  const child = spawn(nginx, ["-c", file, "-p", folder, "-e", "stderr"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    words += chunk;
  });
  const ended = once(child, "exit");
  const stop = async () => {
    if (child.exitCode === null) child.kill("SIGTERM");
    await ended;
    await removeFolder(folder);
  };
  try {
    await waitFor("nginx to answer", async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}: ${words}`);
      return isAnswering(port, certificates.authority);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    publicUrl: `https://${pageHost}:${port}`,
    bucketUrl: `https://${filesHost}:${port}`,
    port,
    authorityFile: certificates.authorityFile,
    authority: certificates.authority,
    keySha256: certificates.keySha256,
    stop,
  };
}

/** Whether a TLS server with a certificate of that authority answers, whatever it says. */
const isAnswering = (port: number, authority: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request(
      { host: "127.0.0.1", port, path: "/", servername: pageHost, ca: authority },
      (answer) => {
        answer.resume();
        resolve(true);
      },
    );
    asked.once("error", () => resolve(false));
    asked.end();
  });

interface Certificates {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly authorityFile: string;
  readonly authority: string;
  readonly keySha256: string;
}

/** An authority of its own, and a certificate from it for both names. */
async function makeCertificates(folder: string): Promise<Certificates> {
  const at = (name: string) => join(folder, name);
  await runOpenssl([
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=Stowage test authority",
    "-addext",
    "basicConstraints=critical,CA:TRUE",
    "-addext",
    "keyUsage=critical,keyCertSign",
    "-keyout",
    at("authority.key"),
    "-out",
    at("authority.pem"),
  ]);
  await runOpenssl([
    "req",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-subj",
    `/CN=${pageHost}`,
    "-addext",
    `subjectAltName=DNS:${pageHost},DNS:${filesHost}`,
    "-keyout",
    at("server.key"),
    "-out",
    at("server.csr"),
  ]);
  await runOpenssl([
    "x509",
    "-req",
    "-in",
    at("server.csr"),
    "-CA",
    at("authority.pem"),
    "-CAkey",
    at("authority.key"),
    "-CAcreateserial",
    "-days",
    "2",
    "-copy_extensions",
    "copy",
    "-out",
    at("server.pem"),
  ]);
  const { publicKey } = new X509Certificate(readFileSync(at("server.pem")));
  return {
    certificateFile: at("server.pem"),
    keyFile: at("server.key"),
    authorityFile: at("authority.pem"),
    authority: readFileSync(at("authority.pem"), "utf8"),
    keySha256: createHash("sha256")
      .update(publicKey.export({ type: "spki", format: "der" }))
      .digest("base64"),
  };
}

async function runOpenssl(args: readonly string[]): Promise<void> {
  const child = spawn("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    words += chunk;
  });
  const [status] = (await once(child, "exit")) as [number | null];
  if (status !== 0) throw new Error(`openssl ${args[0]} ended with ${status}: ${words}`);
}
