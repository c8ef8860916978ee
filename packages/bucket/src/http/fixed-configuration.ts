import { refuseUnknownAmz } from "./amz-members.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import { owner } from "./owner.ts";
import { S3Error, type S3ErrorCode } from "./s3-error.ts";
import { s3Namespace, type XmlContent, xmlDocument } from "./xml.ts";

/**
 * What a bucket is set to, for the sub-resources whose settings are what they are: a root element and its content,
 * as S3 says it of a bucket that nobody has changed.
 */
const settings: ReadonlyMap<string, readonly [root: string, content: XmlContent]> = new Map<
  string,
  readonly [string, XmlContent]
>([
  ["accelerate", ["AccelerateConfiguration", []]],
  ["logging", ["BucketLoggingStatus", []]],
  ["ownershipControls", ["OwnershipControls", [["Rule", [["ObjectOwnership", "BucketOwnerEnforced"]]]]]],
  [
    "publicAccessBlock",
    [
      "PublicAccessBlockConfiguration",
      [
        ["BlockPublicAcls", true],
        ["IgnorePublicAcls", true],
        ["BlockPublicPolicy", true],
        ["RestrictPublicBuckets", true],
      ],
    ],
  ],
  ["requestPayment", ["RequestPaymentConfiguration", [["Payer", "BucketOwner"]]]],
  ["versioning", ["VersioningConfiguration", []]],
]);

const noPolicy = ["NoSuchBucketPolicy", "The bucket policy does not exist"] as const;

/** What a bucket has not, with S3's code for that. */
const absent: ReadonlyMap<string, readonly [code: S3ErrorCode, message: string]> = new Map<
  string,
  readonly [S3ErrorCode, string]
>([
  [
    "encryption",
    [
      "ServerSideEncryptionConfigurationNotFoundError",
      "The server side encryption configuration was not found",
    ],
  ],
  [
    "object-lock",
    ["ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"],
  ],
  ["policy", noPolicy],
  ["policyStatus", noPolicy],
  ["replication", ["ReplicationConfigurationNotFoundError", "The replication configuration was not found"]],
  ["tagging", ["NoSuchTagSet", "The TagSet does not exist"]],
  ["website", ["NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"]],
]);

/** The sub-resources of a bucket that are answered here. */
export const fixedConfigurations: readonly string[] = [...settings.keys(), ...absent.keys()];

/** GetBucketVersioning, GetBucketPolicy and their like. */
export async function getFixedConfiguration(exchange: Exchange, subResource: string): Promise<void> {
  refuseUnknownAmz(exchange.amz, new Set());
  const missing = absent.get(subResource);
  if (missing) throw new S3Error(...missing);
  const [root, content] = settings.get(subResource) ?? [];
  if (root === undefined || content === undefined) throw new RangeError(`not fixed: ${subResource}`);
  sendXml(exchange, xmlDocument(root, content, s3Namespace));
}

/** GetBucketAcl and GetObjectAcl: the owner may do everything, and nobody else anything. */
export function sendAcl(exchange: Exchange): void {
  refuseUnknownAmz(exchange.amz, new Set());
  const grantee = `Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"`;
  const grant: XmlContent = [
    [grantee, owner],
    ["Permission", "FULL_CONTROL"],
  ];
  const content: XmlContent = [
    ["Owner", owner],
    ["AccessControlList", [["Grant", grant]]],
  ];
  sendXml(exchange, xmlDocument("AccessControlPolicy", content, s3Namespace));
}
