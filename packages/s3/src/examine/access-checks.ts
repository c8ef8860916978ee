import { answersSecurityHeaders } from "../answers-security-headers.ts";
import { createS3ObjectStore, type S3ObjectStoreOptions } from "../create-s3-object-store.ts";
import type { Examination } from "./examination.ts";
import { enforced, mustBeRefused, type StoreCheck, unlessRefused } from "./store-check.ts";

const putOne = async (examination: Examination): Promise<string> => {
  const key = examination.newKey();
  await examination.sendSigned({ method: "PUT", key, body: examination.newBytes() });
  return key;
};

/** Nobody's, by RFC 2606. */
const foreignOrigin = "https://stowage-probe.invalid";

const preflightHeaders = ["content-type", "if-none-match", "x-amz-checksum-sha256"];

const preflight = (examination: Examination, key: string, origin: string) =>
  examination.sendUnsigned({
    method: "OPTIONS",
    key,
    headers: {
      origin,
      "access-control-request-method": "PUT",
      "access-control-request-headers": preflightHeaders.join(","),
    },
  });

const listed = (header: string | undefined): string[] =>
  (header ?? "").split(",").map((each) => each.trim().toLowerCase());

const allows = (origin: string, header: string | undefined): boolean => header === origin || header === "*";

const furthestClockMs = 5_000;

/** Who may do what without a presigned URL: we, anybody, and pages of our origins and of others. */
export function accessChecks(options: S3ObjectStoreOptions, origins: readonly string[]): StoreCheck[] {
  return [
    {
      name: "clock",
      async run(examination) {
        const sentAtMs = examination.nowMs();
        const { headers } = await examination.sendUnsigned({ method: "GET", query: { "max-keys": "0" } });
        const heardAtMs = examination.nowMs();
        // An HTTP date has whole seconds, cut off.
        const storeMs = Date.parse(headers.date ?? "") + 500;
        if (Number.isNaN(storeMs)) return { outcome: "unknown", detail: "Its answers have no date." };
        const aheadMs = storeMs - (sentAtMs + heardAtMs) / 2;
        const seconds = Math.round(Math.abs(aheadMs) / 1000);
        return Math.abs(aheadMs) <= furthestClockMs + (heardAtMs - sentAtMs)
          ? enforced
          : { outcome: "no", detail: `It is ${seconds} s ${aheadMs > 0 ? "ahead" : "behind"}.` };
      },
    },
    {
      name: "permissions",
      async run(examination) {
        const key = await putOne(examination);
        const list = { "list-type": "2", "max-keys": "1", prefix: key };
        const calls = [
          ["Listing", { method: "GET", query: list }],
          ["Reading", { method: "GET", key }],
          ["Deleting", { method: "DELETE", key }],
        ] as const;
        for (const [what, request] of calls) {
          const result = unlessRefused(await examination.sendSigned(request), what);
          if (result.outcome !== "yes") return result;
        }
        const gone = await examination.sendSigned({ method: "HEAD", key });
        return gone.status === 404
          ? enforced
          : { outcome: "no", detail: `What is not there answered ${gone.status} instead of 404.` };
      },
    },
    {
      name: "anonymous-read",
      async run(examination) {
        const key = await putOne(examination);
        return mustBeRefused(await examination.sendUnsigned({ method: "GET", key }));
      },
    },
    {
      name: "anonymous-list",
      async run(examination) {
        const query = { "list-type": "2" };
        return mustBeRefused(await examination.sendUnsigned({ method: "GET", query }));
      },
    },
    {
      name: "security-headers",
      async run(examination) {
        const key = await putOne(examination);
        const isSet = await answersSecurityHeaders(createS3ObjectStore(options), key, options);
        return isSet ? enforced : { outcome: "no" };
      },
    },
    {
      name: "cors",
      async run(examination) {
        const key = await putOne(examination);
        for (const origin of origins) {
          const { headers, isOk, status } = await preflight(examination, key, origin);
          const wanted = (detail: string) => ({ outcome: "no", detail: `${origin}: ${detail}` }) as const;
          if (!isOk || !allows(origin, headers["access-control-allow-origin"]))
            return wanted(`the preflight of a PUT was not allowed (${status}).`);
          const allowed = listed(headers["access-control-allow-headers"]);
          const missing = preflightHeaders.filter(
            (each) => !allowed.includes(each) && !allowed.includes("*"),
          );
          if (missing.length > 0) return wanted(`the headers ${missing.join(", ")} are not allowed.`);
          const answer = await examination.sendSigned({ method: "GET", key, headers: { origin } });
          const exposed = listed(answer.headers["access-control-expose-headers"]);
          if (!exposed.includes("etag") && !exposed.includes("*")) return wanted("ETag is not exposed.");
        }
        return enforced;
      },
    },
    {
      name: "cors-others",
      async run(examination) {
        const key = await putOne(examination);
        const { headers, isOk } = await preflight(examination, key, foreignOrigin);
        return isOk && allows(foreignOrigin, headers["access-control-allow-origin"])
          ? { outcome: "no" }
          : enforced;
      },
    },
  ];
}
