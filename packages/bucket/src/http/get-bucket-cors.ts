import { refuseUnknownAmz } from "./amz-members.ts";
import type { CorsRules } from "./cors.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import { S3Error } from "./s3-error.ts";
import { s3Namespace, type XmlContent, xmlDocument } from "./xml.ts";

/** GetBucketCors: the rules in force. */
export async function getBucketCors(exchange: Exchange, rules: CorsRules): Promise<void> {
  refuseUnknownAmz(exchange.amz, new Set());
  const { origins, methods, requestHeaders, exposedHeaders, maxAgeSeconds } = rules;
  if (origins.length === 0)
    throw new S3Error("NoSuchCORSConfiguration", "The CORS configuration does not exist");
  const each = (name: string, values: readonly string[]): XmlContent => values.map((value) => [name, value]);
  const rule: XmlContent = [
    ...each("AllowedOrigin", origins),
    ...each("AllowedMethod", methods),
    ...each("AllowedHeader", requestHeaders),
    ...each("ExposeHeader", exposedHeaders),
    ["MaxAgeSeconds", maxAgeSeconds],
  ];
  sendXml(exchange, xmlDocument("CORSConfiguration", [["CORSRule", rule]], s3Namespace));
}
