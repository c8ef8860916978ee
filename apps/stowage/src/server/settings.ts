import { isIP } from "node:net";
import { availableParallelism } from "node:os";
import { parseClamdAddress } from "@stowage/clamd/address";
import { defaultStreamMaxLengthBytes } from "@stowage/clamd/bounds";
import type { Profile } from "@stowage/core";
import {
  defaultLimits,
  defaultMaxArchiveBytes,
  defaultProfile,
  maxUrlLifetimeSeconds,
} from "@stowage/core/bounds";
import type { SandboxChoice } from "@stowage/inspect";
import type { ConfiguredIssuer } from "./issuers/configured-issuer.ts";
import { parseIssuers } from "./issuers/parse-issuers.ts";
import { parseProfiles } from "./profiles/parse-profiles.ts";
import { storeKindOf } from "./rate-limits/rate-limit-store-url.ts";
import { SettingError } from "./setting-error.ts";

/** How one setting is read from text, and what it is for. */
export interface Setting<Value> {
  readonly help: string;
  readonly default: Value;
  /** Its text may hold a secret: it is never quoted. */
  readonly isSecret?: true;
  /** Its text is a page long, maybe: what is wrong with it says where by itself. */
  readonly isLong?: true;
  /** @throws Error with the rest of the sentence "KEY must be …" */
  parse(text: string): Value;
}

const wholeNumber = (help: string, fallback: number, min: number, max: number): Setting<number> => ({
  help,
  default: fallback,
  parse: (text) => {
    const value = Number(text);
    if (!/^\d{1,16}$/.test(text) || value < min || value > max)
      throw new SettingError(`must be a whole number from ${min} to ${max}`);
    return value;
  },
});

const choice = <Value extends string>(
  help: string,
  fallback: Value,
  values: readonly Value[],
): Setting<Value> => ({
  help,
  default: fallback,
  parse: (text) => {
    const value = values.find((each) => each === text);
    if (value === undefined) throw new SettingError(`must be one of ${values.join(", ")}`);
    return value;
  },
});

const flag = (help: string, fallback: boolean): Setting<boolean> => ({
  help,
  default: fallback,
  parse: (text) => {
    if (text !== "true" && text !== "false") throw new SettingError("must be true or false");
    return text === "true";
  },
});

const origins = (help: string): Setting<readonly string[]> => ({
  help,
  default: [],
  parse: (text) =>
    text === ""
      ? []
      : text.split(",").map((each) => {
          if (!URL.canParse(each) || new URL(each).origin !== each)
            throw new SettingError("must be origins such as https://app.example, separated by commas");
          return each;
        }),
});

const addresses = (help: string): Setting<readonly string[]> => ({
  help,
  default: [],
  parse: (text) =>
    text === ""
      ? []
      : text.split(",").map((each) => {
          if (!isAddressOrRange(each.trim()))
            throw new SettingError(
              "must be addresses or ranges such as 127.0.0.1 or 10.0.0.0/8, separated by commas",
            );
          return each.trim();
        }),
});

/** A prefix of 0 would be everybody. */
function isAddressOrRange(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || address.includes("%") || rest.length > 0) return false;
  return (
    prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
  );
}

const text = (help: string, fallback: string, pattern: RegExp, shape: string): Setting<string> => ({
  help,
  default: fallback,
  parse: (value) => {
    if (!pattern.test(value)) throw new SettingError(`must be ${shape}`);
    return value;
  },
});

const url = (help: string): Setting<string> => ({
  help,
  default: "",
  parse: (value) => {
    if (value === "") return "";
    if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol) || new URL(value).origin !== value)
      throw new SettingError("must be an origin such as https://files.example, without a path");
    return value;
  },
});

const issuers = (help: string): Setting<readonly ConfiguredIssuer[]> => ({
  help,
  default: [],
  isSecret: true,
  parse: parseIssuers,
});

const profiles = (help: string): Setting<readonly Profile[]> => ({
  help,
  default: [defaultProfile],
  isLong: true,
  parse: parseProfiles,
});

const address = (help: string): Setting<string> => ({
  help,
  default: "",
  parse: (value) => {
    if (value === "") return "";
    const { protocol, username, password } = URL.canParse(value) ? new URL(value) : { protocol: "" };
    if (!/^https?:$/.test(protocol) || username || password)
      throw new SettingError("must be a URL such as http://127.0.0.1:4318/v1/traces, without a user");
    return value;
  },
});

/** Long enough that nobody finds it by trying. */
const secret = (help: string): Setting<string> => ({
  help,
  default: "",
  isSecret: true,
  parse: (value) => {
    if (value !== "" && !/^[\x21-\x7e]{32,1024}$/.test(value))
      throw new SettingError("must have 32 to 1024 printable ASCII characters and no spaces");
    return value;
  },
});

const rateLimitStore = (help: string): Setting<string> => ({
  help,
  default: "memory",
  isSecret: true,
  parse: (value) => {
    if (value !== "memory" && storeKindOf(value) === undefined)
      throw new SettingError(
        "must be memory, or a URL such as redis://127.0.0.1:6379 or postgres://user:password@host/database",
      );
    return value;
  },
});

const clamdAddress = (help: string): Setting<string> => ({
  help,
  default: "/run/clamav/clamd.ctl",
  parse: (value) => {
    if (!parseClamdAddress(value))
      throw new SettingError(
        "must be a path such as /run/clamav/clamd.ctl, or host:port such as 127.0.0.1:3310",
      );
    return value;
  },
});

const maxBytes = 2 ** 50;

/** clamd looks at no file of 2 GiB, whatever its configuration says. */
const maxScannableBytes = 2 ** 31 - 1;

/** Everything that can be set, by its key: with `--set KEY=VALUE`, or in `stowage.json` of the data directory. */
export const settings = {
  host: text("Address to listen on", "127.0.0.1", /^[A-Za-z0-9.:_-]+$/, "a host name or address"),
  port: wholeNumber("Port of the API; the bucket takes the next one; 0 takes free ones", 8420, 0, 65_534),
  publicUrl: url("Origin under which people reach the API; default http://localhost:PORT"),
  bucketUrl: url("Origin under which people reach the bucket; default http://127.0.0.1:PORT+1"),
  trustedProxies: addresses(
    "Addresses and ranges of proxies whose X-Forwarded-For says who asks, for limits per address; default none",
  ),
  corsOrigins: origins("Origins, besides our own, whose pages may call the API and the bucket"),
  issuers: issuers("Other OpenID providers whose access tokens are believed: a JSON list (docs/issuers.md)"),
  "issuer.enabled": flag("Whether the built-in issuer is there, and its accounts may come in", true),
  profiles: profiles(
    "Types, sizes and derivatives by the name of a profile: a JSON object (docs/upload-profiles.md)",
  ),
  "limits.quotaBytes": wholeNumber("Bytes per person; 0 = none", defaultLimits.quotaBytes, 0, maxBytes),
  "limits.guestQuotaBytes": wholeNumber(
    "Bytes per guest of an album; 0 = none",
    defaultLimits.guestQuotaBytes,
    0,
    maxBytes,
  ),
  "limits.guestsQuotaBytes": wholeNumber(
    "Bytes of all guests together whom one person invited; 0 = none",
    defaultLimits.guestsQuotaBytes,
    0,
    maxBytes,
  ),
  "limits.guestsQuotaFiles": wholeNumber(
    "Files of all guests together whom one person invited; 0 = none",
    defaultLimits.guestsQuotaFiles,
    0,
    1_000_000_000,
  ),
  "limits.acceptsPerMinute": wholeNumber(
    "Who may ask in a minute, from one address, to join an album; ten times as many may join by one invite; 0 = none",
    defaultLimits.acceptsPerMinute,
    0,
    1_000_000_000,
  ),
  "limits.quotaFiles": wholeNumber("Files per person; 0 = none", defaultLimits.quotaFiles, 0, 1_000_000_000),
  "limits.organisationQuotaBytes": wholeNumber(
    "Bytes of all people of one organisation together; 0 = none",
    defaultLimits.organisationQuotaBytes,
    0,
    maxBytes,
  ),
  "limits.organisationQuotaFiles": wholeNumber(
    "Files of all people of one organisation together; 0 = none",
    defaultLimits.organisationQuotaFiles,
    0,
    1_000_000_000,
  ),
  "limits.openUploads": wholeNumber(
    "Uploads of one person that have not ended; 0 = none",
    defaultLimits.openUploads,
    0,
    1_000_000_000,
  ),
  "limits.createsPerMinute": wholeNumber(
    "Files that one person may announce in a minute; 0 = none",
    defaultLimits.createsPerMinute,
    0,
    1_000_000_000,
  ),
  "limits.archiveBytes": wholeNumber(
    "Bytes of the files in one archive; 0 = none",
    defaultMaxArchiveBytes,
    0,
    1_000_000_000_000_000,
  ),
  "limits.requestsPerMinute": wholeNumber(
    "Requests that one person may send in a minute; 0 = none",
    defaultLimits.requestsPerMinute,
    0,
    1_000_000_000,
  ),
  "limits.requestsPerMinutePerAddress": wholeNumber(
    "Requests that may come from one address in a minute, with whatever token; 0 = none",
    defaultLimits.requestsPerMinutePerAddress,
    0,
    1_000_000_000,
  ),
  "limits.store": rateLimitStore(
    "Where requests, files and parts are counted by the minute: memory = in the API's process; or a redis:// or postgres:// URL, where several servers count together",
  ),
  "limits.urlLifetimeSeconds": wholeNumber(
    "Life of a presigned URL",
    defaultLimits.urlLifetimeSeconds,
    1,
    maxUrlLifetimeSeconds,
  ),
  "limits.uploadLifetimeSeconds": wholeNumber(
    "A pending upload is aborted this long after its last URL was minted",
    defaultLimits.uploadLifetimeSeconds,
    1,
    30 * 24 * 3600,
  ),
  "bucket.eventDelaySeconds": wholeNumber(
    "After this the bucket tells the API of bytes that arrived, for clients that never say so; 0 = never, and the sweeper finds them",
    2,
    0,
    3600,
  ),
  "bucket.abortMultipartsAfterDays": wholeNumber(
    "The bucket aborts multipart uploads that were begun this long ago, whatever became of them",
    90,
    // More than the longest limits.uploadLifetimeSeconds.
    31,
    3650,
  ),
  "worker.concurrency": wholeNumber(
    "Files verified at once; 0 = paused",
    Math.min(8, Math.max(1, availableParallelism() - 1)),
    0,
    64,
  ),
  "worker.leaseSeconds": wholeNumber("A worker that died is replaced after this", 60, 2, 3600),
  "worker.sweepSeconds": wholeNumber("Time between two passes of the sweeper", 30, 1, 3600),
  "inspect.timeoutSeconds": wholeNumber("Longest time for decoding one file", 30, 1, 3600),
  "inspect.maxPixels": wholeNumber("Most pixels of a picture, all frames together", 100_000_000, 1, 2 ** 40),
  "inspect.maxMemoryBytes": wholeNumber("Memory of a decoding process", 2 ** 30, 2 ** 27, maxBytes),
  "inspect.sandbox": choice<SandboxChoice>(
    "What decoding processes are kept from by the operating system: auto = the most that this machine lets, required = network and files, or no start, none = nothing",
    "auto",
    ["auto", "required", "none"],
  ),
  "inspect.ffmpeg": text(
    "What takes the frame that pictures of films are made of: auto = the system's ffmpeg, where it is installed; none = nothing, films have no pictures; or the path of another",
    "auto",
    /^(?:auto|none|\/\S.*)$/,
    "auto, none or the absolute path of a program",
  ),
  scanner: choice(
    "What scans uploads for malware: auto = nothing where publicUrl is this machine's own, and a refused start elsewhere; clamd = ClamAV's daemon; none = nothing, as every timeline says",
    "auto",
    ["auto", "clamd", "none"],
  ),
  "scanner.address": clamdAddress("Where clamd listens: the path of its LocalSocket, or host:port"),
  "scanner.maxSizeBytes": wholeNumber(
    "Largest file that clamd takes: its StreamMaxLength, MaxFileSize and MaxScanSize must be no less",
    defaultStreamMaxLengthBytes,
    1,
    maxScannableBytes,
  ),
  "scanner.timeoutSeconds": wholeNumber(
    "Longest time in which clamd takes nothing of a file, or says nothing once it has all of it",
    180,
    1,
    3600,
  ),
  "scanner.connections": wholeNumber(
    "Files scanned at once by one process; less than clamd's MaxThreads",
    4,
    1,
    64,
  ),
  "issuer.signUp": choice(
    "Who may make an account on the sign-in page: loopback = everyone where publicUrl is this machine's own, open = everyone, closed = nobody; user add and user invite work always",
    "loopback",
    ["loopback", "open", "closed"],
  ),
  "audit.checkpoints": text(
    "File that signed checkpoints of the audit are appended to, better on another disk or machine than the database; empty = audit-checkpoints.jsonl in the data directory",
    "",
    /^(?:|\/\S.*)$/,
    "the absolute path of a file, or empty",
  ),
  "metrics.token": secret(
    "What a scraper of /metrics sends as Authorization: Bearer; where it is empty, only this machine's programs may read, and nobody where publicUrl is not this machine's",
  ),
  "tracing.otlpUrl": address(
    "Where traces of uploads are sent, by OTLP over HTTP in JSON, such as http://127.0.0.1:4318/v1/traces; empty = nowhere",
  ),
  "tracing.samplePercent": wholeNumber(
    "Share of the uploads that are traced, each from end to end",
    100,
    0,
    100,
  ),
  "log.level": choice("What is logged, as JSON lines on standard error", "warn", [
    "debug",
    "info",
    "warn",
    "error",
    "silent",
  ]),
} satisfies Record<string, Setting<never>> | Record<string, Setting<unknown>>;

export type SettingKey = keyof typeof settings;

export const settingKeys = Object.keys(settings) as SettingKey[];

/** Every setting's value. */
export type Configuration = { readonly [Key in SettingKey]: (typeof settings)[Key]["default"] };
