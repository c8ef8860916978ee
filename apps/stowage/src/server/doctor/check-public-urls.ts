import { CommandError } from "../../cli/command.ts";
import { publicUrlsOf, shareHostName } from "../public-urls.ts";
import type { Running } from "../running.ts";
import type { Configuration } from "../settings.ts";
import { type Diagnosis, failed, ok, sentenceOf, warning } from "./diagnosis.ts";

const check = "public-urls";

const answerTimeoutMs = 5_000;

/** Origins of API and bucket: those of the server that was started last, else those that the settings give. */
export function checkPublicUrls(
  configuration: Configuration,
  running: Pick<Running, "api" | "bucket"> | undefined,
): Diagnosis {
  let urls = running && { publicUrl: running.api, bucketUrl: running.bucket };
  if (!urls)
    try {
      const apiPort = configuration.port || 1;
      urls = publicUrlsOf(configuration, { apiPort, bucketPort: apiPort + 1 }, true);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return warning(
        check,
        error.message,
        "Set publicUrl and bucketUrl in stowage.json, or give them to up.",
      );
    }
  const { publicUrl, bucketUrl } = urls;
  if (shareHostName(urls))
    return failed(
      check,
      `Pages and files share the host name ${new URL(publicUrl).hostname}: a file that a browser took for a page could reach the pages' cookies.`,
      "Give the bucket a host name of its own (bucketUrl), led to it by your proxy.",
    );
  const plain = [publicUrl, bucketUrl].find((url) => url.startsWith("http://") && !isLoopback(url));
  if (plain !== undefined)
    return warning(
      check,
      `${plain} is not https: tokens and files cross the network in the clear.`,
      "Put a proxy with TLS in front, and set https origins.",
    );
  return ok(check, `${publicUrl} for pages and API, ${bucketUrl} for files.`);
}

/** Whether people can be told apart by their addresses: behind a proxy all of them come from its own. */
export function checkTrustedProxies(
  { trustedProxies }: Configuration,
  running: Pick<Running, "api"> | undefined,
): Diagnosis | undefined {
  const name = "trusted-proxies";
  if (trustedProxies.length > 0)
    return ok(name, `X-Forwarded-For of ${trustedProxies.join(", ")} is believed.`);
  if (!running?.api.startsWith("https://")) return undefined;
  return warning(
    name,
    "Everybody has the proxy's address: who guesses passwords makes all others wait as well.",
    'Set trustedProxies in stowage.json to where your proxy connects from: "127.0.0.1" on this machine.',
  );
}

const isLoopback = (url: string): boolean => /^(localhost|127\.|\[::1\])/.test(new URL(url).hostname);

/** Whether a public origin leads to what runs here; for a server that runs behind a proxy. */
export async function checkReach(
  name: "api" | "bucket",
  publicOrigin: string,
  internalOrigin: string,
): Promise<Diagnosis | undefined> {
  if (publicOrigin === internalOrigin || isLoopback(publicOrigin)) return undefined;
  const url = `${publicOrigin}${name === "api" ? "/healthz" : "/-/health"}`;
  const fix =
    "Look at the name's address, the proxy and its certificate. (Some networks hide a host from itself.)";
  try {
    const { status } = await fetch(url, {
      redirect: "manual",
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    return status === 200
      ? ok(`public-${name}`, `${publicOrigin} leads here.`)
      : warning(`public-${name}`, `${url} answers ${status}.`, fix);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return warning(`public-${name}`, `${url} is not reached from here: ${sentenceOf(cause)}`, fix);
  }
}
