import { CommandError } from "../cli/command.ts";
import type { Configuration } from "./settings.ts";

const loopback = new Set(["127.0.0.1", "::1", "localhost"]);

const bracket = (host: string): string => (host.includes(":") ? `[${host}]` : host);

export interface PublicUrls {
  readonly publicUrl: string;
  readonly bucketUrl: string;
  readonly internalApiUrl: string;
  readonly internalBucketUrl: string;
}

/**
 * Origins of API and bucket. Beyond loopback both must be given, with https.
 *
 * @throws CommandError says what is missing
 */
export function publicUrlsOf(
  { host, publicUrl, bucketUrl }: Configuration,
  { apiPort, bucketPort }: { readonly apiPort: number; readonly bucketPort: number },
  insecureHttp: boolean,
): PublicUrls {
  const isLoopback = loopback.has(host);
  const everywhere = host === "0.0.0.0" || host === "::";
  const reach = everywhere ? "127.0.0.1" : bracket(host);
  if (!isLoopback && (publicUrl === "" || bucketUrl === ""))
    throw new CommandError(
      `On ${host} people reach Stowage under names of yours: give --public-url and --bucket-url (two host names).`,
      2,
    );
  for (const url of [publicUrl, bucketUrl])
    if (url.startsWith("http://") && !loopback.has(new URL(url).hostname) && !insecureHttp)
      throw new CommandError(
        `${url} is not https: tokens and files would cross the network in the clear. Use https, or say --insecure-http.`,
        2,
      );
  const isPageAtAddress = publicUrl !== "" && new URL(publicUrl).hostname === "127.0.0.1";
  const isBucketAtName = bucketUrl !== "" && new URL(bucketUrl).hostname === "localhost";
  return {
    publicUrl: publicUrl || `http://${isBucketAtName ? "127.0.0.1" : "localhost"}:${apiPort}`,
    bucketUrl: bucketUrl || `http://${isPageAtAddress ? "localhost" : "127.0.0.1"}:${bucketPort}`,
    internalApiUrl: `http://${reach}:${apiPort}`,
    internalBucketUrl: `http://${reach}:${bucketPort}`,
  };
}

/**
 * Whether pages and files share a host name. They must not, and other ports are not enough: cookies know no ports, so
 * that what an uploaded file could ever do in a browser would concern those of the page.
 */
export const shareHostName = ({
  publicUrl,
  bucketUrl,
}: Pick<PublicUrls, "publicUrl" | "bucketUrl">): boolean =>
  new URL(publicUrl).hostname === new URL(bucketUrl).hostname;
