import type { CheckedRule } from "../lifecycle/lifecycle-rule.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import { S3Error } from "./s3-error.ts";
import { s3Namespace, type XmlContent, xmlDocument } from "./xml.ts";

const inDays = (name: string, days: number | undefined): XmlContent | undefined =>
  days === undefined ? undefined : [[name, days]];

/** GetBucketLifecycleConfiguration: the rules in force. */
export async function getBucketLifecycle(exchange: Exchange, rules: readonly CheckedRule[]): Promise<void> {
  refuseUnknownAmz(exchange.amz, new Set());
  if (rules.length === 0)
    throw new S3Error("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist");
  const content = rules.map(
    ({ id, prefix, expirationDays, abortIncompleteMultipartUploadDays: abortDays }) =>
      [
        "Rule",
        [
          ["ID", id],
          ["Filter", [["Prefix", prefix]]],
          ["Status", "Enabled"],
          ["Expiration", inDays("Days", expirationDays)],
          ["AbortIncompleteMultipartUpload", inDays("DaysAfterInitiation", abortDays)],
        ],
      ] as const,
  );
  sendXml(exchange, xmlDocument("LifecycleConfiguration", content, s3Namespace));
}
