import type { Difference } from "./conformance-case.ts";

/** What Ceph RGW 16.2 (Debian 12) does otherwise than AWS documents. */
export const cephDifferences: readonly Difference[] = [
  {
    reason:
      "Verifies no x-amz-checksum-* and answers none: a signed SHA-256 holds nothing to its bytes (Content-MD5 and x-amz-content-sha256 do).",
    matters: true,
    cases: [
      "a body with its x-amz-checksum-crc32 is taken, and the checksum answered",
      "a body with another's x-amz-checksum-crc32 is refused, and leaves nothing",
      "an x-amz-checksum-crc32 that is none is refused",
      "a wrong x-amz-checksum-crc32 leaves what was there before",
      "a body with its x-amz-checksum-crc32c is taken, and the checksum answered",
      "a body with another's x-amz-checksum-crc32c is refused, and leaves nothing",
      "an x-amz-checksum-crc32c that is none is refused",
      "a wrong x-amz-checksum-crc32c leaves what was there before",
      "a body with its x-amz-checksum-crc64nvme is taken, and the checksum answered",
      "a body with another's x-amz-checksum-crc64nvme is refused, and leaves nothing",
      "an x-amz-checksum-crc64nvme that is none is refused",
      "a wrong x-amz-checksum-crc64nvme leaves what was there before",
      "a body with its x-amz-checksum-sha1 is taken, and the checksum answered",
      "a body with another's x-amz-checksum-sha1 is refused, and leaves nothing",
      "an x-amz-checksum-sha1 that is none is refused",
      "a wrong x-amz-checksum-sha1 leaves what was there before",
      "a body with its x-amz-checksum-sha256 is taken, and the checksum answered",
      "a body with another's x-amz-checksum-sha256 is refused, and leaves nothing",
      "an x-amz-checksum-sha256 that is none is refused",
      "a wrong x-amz-checksum-sha256 leaves what was there before",
      "two checksums of different algorithms are refused",
      "an algorithm without a checksum is refused",
      "checksums are answered only where they are asked for",
      "the copy's checksum can be asked for",
      "a document with another's checksum is refused, and nothing is removed",
      "the composite sha256 of an upload is that of its parts', with their number",
      "the composite sha1 of an upload is that of its parts', with their number",
      "a part with another's checksum is refused",
      "the parts' checksums are listed",
      "a completion that names a part with another's checksum is refused",
      "a completion with another's composite checksum is refused",
      "a completion of a size that the parts do not have is refused",
      "the full object's crc32 is made from the parts'",
      "another's crc32 of the full object is refused",
      "the full object's crc64nvme is the algorithm's own kind",
      "an algorithm that has no full object's checksum can't be asked for one",
      "an algorithm that does not exist can't be asked for",
      "a body with another SHA-256 than was signed is refused, and leaves nothing",
      "a part's presigned URL holds its body to the SHA-256 that was signed",
    ],
  },
  {
    reason:
      "Takes x-amz-* headers that were not signed: whoever has a URL for a PUT adds an ACL, metadata, or the source of a copy.",
    matters: true,
    cases: [
      "a presigned PUT with x-amz-acl that was not signed is refused",
      "a presigned PUT with x-amz-meta-colour that was not signed is refused",
      "a presigned PUT with x-amz-storage-class that was not signed is refused",
      "a presigned PUT with x-amz-tagging that was not signed is refused",
      "a presigned PUT with x-amz-website-redirect-location that was not signed is refused",
      "a presigned PUT with x-amz-checksum-crc32 that was not signed is refused",
      "a presigned PUT with x-amz-copy-source that was not signed is refused",
      "an x-amz-* header that was not signed is refused",
    ],
  },
  {
    reason: "Ignores conditions on what completes an upload, on a copy's target and on a delete.",
    matters: true,
    cases: [
      "a copy with If-None-Match: * is made where there is nothing, and not twice",
      "a copy with If-Match is not made over an object that has another ETag",
      "DELETE with If-Match does not remove an object that has another ETag",
      "a completion with If-None-Match: * does not write over an object",
      "a completion with If-Match does not write over an object that has another ETag",
    ],
  },
  {
    reason: "Ignores most conditions on a copy's source.",
    matters: true,
    cases: [
      "a copy under the condition on its source if-match with another ETag is refused",
      "a copy under the condition on its source if-none-match with its ETag is refused",
      "a copy under the condition on its source if-unmodified-since a time long ago is refused",
      "a copy under the condition on its source if-none-match that fails, whatever if-modified-since says is refused",
      "a part is not copied where its source has another ETag",
      "a part is not copied where its source has the ETag that was not wanted",
    ],
  },
  {
    reason: "Compares If-Match of a PUT with the ETag's quotes on, and so refuses those that hold.",
    matters: true,
    cases: [
      "If-None-Match with an ETag is no condition of a write",
      "If-Match writes over the object that has this ETag",
      "If-Match where there is no object answers 404",
      "of several PUTs with the same If-Match at once, one writes",
    ],
  },
  {
    reason:
      "Answers a completed upload with an empty ETag, and a copy or a form with an ETag without quotes.",
    matters: true,
    cases: [
      "a copy is answered with its ETag, in quotes",
      "the ETag of parts is that of their MD5s and their number, in the answer, GET and HEAD",
      "success_action_status 201 is answered with a document of bucket, key, ETag and location",
    ],
  },
  {
    reason:
      "Has no aws-chunked bodies with trailers (the default of AWS's SDKs since 2025), nor empty ones, and keeps aws-chunked as the content-encoding.",
    matters: true,
    cases: [
      "an aws-chunked body without bytes is taken",
      "an aws-chunked body with signed chunks and a signed trailer is taken",
      "an aws-chunked body with unsigned chunks and a trailer is taken",
      "a trailer may have the body's crc32",
      "a trailer may have the body's crc32c",
      "a trailer may have the body's crc64nvme",
      "a trailer may have the body's sha1",
      "a trailer may have the body's sha256",
      "a last, empty chunk with another signature is refused",
      "a signed trailer with another signature is refused",
      "a signed trailer with another body's checksum is refused",
      "an unsigned trailer with another body's checksum is refused",
      "a trailer with another body's crc32 is refused",
      "a trailer with another body's crc32c is refused",
      "a trailer with another body's crc64nvme is refused",
      "a trailer with another body's sha1 is refused",
      "a trailer with another body's sha256 is refused",
      "a trailer that was not announced is refused",
      "an aws-chunked body whose own length is not said is refused",
      "an aws-chunked body shorter than was said is refused",
      "an aws-chunked body longer than was said is refused",
      "aws-chunked is not kept as the object's content-encoding",
      "a content-encoding besides aws-chunked is kept",
    ],
  },
  {
    reason: "Refuses nothing for the region or the future that it was signed for.",
    matters: true,
    cases: [
      "a presigned URL from a clock far ahead is refused",
      "a presigned URL for another region is refused",
      "a request for another region is refused",
    ],
  },
  {
    reason: "Knows nothing of the parts of an object: partNumber is ignored.",
    cases: [
      "part 2 of an object that was put whole does not exist",
      "a part number that is none is refused",
      "a part and a range at once are refused",
      "a part of an object is answered by its number, with the number of parts",
      "HEAD of a part tells its length and the number of parts",
      "a part that an object does not have can't be had",
    ],
  },
  {
    reason:
      "Takes parts in the wrong order and numbers below 1, wants all parts named, and has other errors for uploads that do not exist (500 for a key of its own).",
    cases: [
      "parts that are not named at the end are left out",
      "parts in the wrong order are refused",
      "part numbers are 1 to 10,000",
      "an upload that does not exist takes no part, can't be listed, completed or aborted",
      "an upload is its key's, and no other's",
      "an aborted upload takes no more parts, and leaves no object",
    ],
  },
  {
    reason:
      "Reads conditions by the letter: no *, no lists, no weak ETags; a 304 without its ETag; a date that is none is an error.",
    cases: [
      "If-Match with any: 200",
      "If-Match with a list that has the object's ETag: 200",
      "If-None-Match with any: 304",
      "If-None-Match with a list that has the object's ETag: 304",
      "If-None-Match with the object's ETag as a weak one: 304",
      "If-Modified-Since no date: 200",
      "a 304 has no body, and tells the ETag",
      "a presigned GET may have a range and conditions that were not signed",
    ],
  },
  {
    reason: "Answers the first of several ranges, takes bytes=-0 and words for ranges, and ignores If-Range.",
    cases: [
      "a range of the last zero bytes is refused",
      "several ranges at once are not answered: the whole object is",
      "a range of words is ignored or refused",
      "If-Range with another ETag answers the whole object",
    ],
  },
  {
    reason:
      "Does not require, and does not check, the digest of a document of keys to delete; its errors have no body.",
    matters: true,
    cases: [
      "1,001 keys at once are refused, and nothing is removed",
      "a document that names nothing is refused",
      "a document that is no XML, or another, is refused",
      "an object without a key is refused",
      "a document with another's Content-MD5 is refused, and nothing is removed",
      "a document without Content-MD5 and checksum is refused, and nothing is removed",
    ],
  },
  {
    reason: "Takes any max-keys, encoding and continuation token, and has a NextMarker without delimiter.",
    cases: [
      "ListObjects: max-keys that is no number, or below zero, is refused",
      "ListObjects: an encoding that does not exist is refused",
      "ListObjects: NextMarker is told only with a delimiter",
      "ListObjectsV2: max-keys that is no number, or below zero, is refused",
      "ListObjectsV2: an encoding that does not exist is refused",
      "ListObjectsV2: a continuation token that nobody gave is refused",
      "max-parts that is no number is refused",
    ],
  },
  {
    reason:
      "Lists uploads without delimiter, and again those of the key marker; a list of parts has neither owner nor initiator of the form documented.",
    cases: [
      "a list of parts says who owns and began the upload",
      "a key marker alone goes on with the next key",
      "a delimiter rolls up keys of uploads",
    ],
  },
  {
    reason: "Finds no source for a copied part whose key has a percent sign.",
    matters: true,
    cases: ['a part\'s source whose key ends in "100%" is found'],
  },
  {
    reason: "Has no encryption with the store's own keys (SSE-S3).",
    matters: true,
    cases: ["encryption with S3's own keys can be asked for, and is answered"],
  },
  {
    reason: "Takes ACLs that open an object.",
    matters: true,
    cases: ["an ACL that opens an object is refused where ACLs are off, as they are by default"],
  },
  {
    reason:
      "Knows no limit of metadata, no x-amz-expected-bucket-owner, no name of metadata with an underscore, and answers the storage class STANDARD.",
    cases: [
      "a PUT that expects another owner of the bucket is refused",
      "a name of metadata may have dots and underscores",
      "metadata above 2 KB is refused",
      "the storage class STANDARD is taken, and HEAD does not mention it",
    ],
  },
  {
    reason:
      "Has other error codes: InvalidObjectName, InvalidArgument, AccessDenied for what AWS names KeyTooLongError, InvalidStorageClass, InvalidDigest and others.",
    cases: [
      "an unknown storage class is refused",
      "a key of 1,025 bytes is refused",
      "a key is measured in bytes, not in characters",
      "a Content-MD5 that is no base64 is refused",
      "an x-amz-content-sha256 that is none is refused",
      "an Authorization header that is malformed is refused",
      "a form with another signature is refused",
      "a form of another secret is refused",
      "a form of a key that does not exist is refused",
      "a policy without an end is refused",
      "a policy whose end is no date is refused",
      "a policy without conditions is refused",
      "a policy that is no JSON object is refused",
      "a content-length-range without its end is refused",
      "a condition of a kind that does not exist is refused",
      "a preflight without an origin is refused",
    ],
  },
  {
    reason: "Takes an X-Amz-Expires of 1e3 for 1.",
    cases: ['a presigned URL with a life of "1e3" is refused'],
  },
  {
    reason:
      "POST forms: a file may be missing, a range below zero, Cache-Control is lost, and a redirect's query is broken.",
    cases: [
      "success_action_redirect is answered 303, with bucket, key and ETag in the query",
      "type, headers and metadata of the fields are the object's",
      "a content-length-range below zero is refused",
      "a form without a file is refused",
    ],
  },
  {
    reason: "Tells the bucket's region nowhere, and its location as default.",
    cases: ["HEAD of the bucket tells its region", "the bucket's location is told, empty for us-east-1"],
  },
  {
    reason: "Has no GetObjectAttributes.",
    cases: ["the attributes of an object are told: ETag, size, storage class"],
  },
  {
    reason: "Errors have an empty message and name no resource.",
    cases: ["an error has its code and a message for people", "an error names what it is about"],
  },
  {
    reason:
      "Has no directive for a copy's tags: a copy has its source's, unless its metadata are replaced; an upload in parts " +
      "loses those that it began with.",
    matters: true,
    cases: [
      "an upload's object has the tags that the upload began with",
      "a copy has other tags where they are to be replaced",
      "a copy has no tags where they are to be replaced by none",
      "a copy with other metadata keeps its source's tags",
      "a directive of tags that does not exist is refused",
    ],
  },
  {
    reason: "Holds tags to their number and lengths only, and takes documents that are none.",
    cases: [
      "a tag with a key with a character that is not allowed is refused",
      "a tag with a value with a character that is not allowed is refused",
      "a tag with a key that begins with aws: is refused",
      "one key twice is refused in a document",
      "one key twice is refused in a header",
      "a document that is no set of tags is refused",
    ],
  },
];
