import type { Difference } from "./conformance-case.ts";

/** Where the embedded bucket does otherwise than AWS documents, on purpose. */
export const embeddedDifferences: readonly Difference[] = [
  {
    reason:
      "A presigned PUT, of an object or a part, must sign content-length: else whoever has the URL decides how much is stored.",
    cases: ["a presigned PUT that signs its host alone takes any body"],
  },
  {
    reason:
      "A presigned PUT keeps of Cache-Control, Content-Disposition and the like only those that it signs: whoever has " +
      "the URL does not decide how an object is shown.",
    cases: ["a presigned PUT keeps a cache-control that it did not sign"],
  },
  {
    reason: "A presigned URL lives for an hour at most (Stowage's own: ten minutes), not for a week.",
    cases: ["a presigned URL may live a week"],
  },
  {
    reason:
      "A presigned URL whose date is more than a minute ahead is refused, not one that is more than fifteen ahead: by as much " +
      "it would outlive what it says.",
    cases: ["a presigned URL from a clock slightly ahead is good"],
  },
  {
    reason:
      "The ETag of a presigned PUT is opaque, as that of SSE-KMS objects on AWS: an MD5 costs as much as the encryption, " +
      "and its SHA-256 is signed. Requests signed in their headers, and those with Content-MD5, get the MD5.",
    cases: ["the ETag of a presigned PUT is the MD5 of its body"],
  },
  {
    reason:
      "Every object comes with headers that keep a browser from running it (a sandboxing Content-Security-Policy, " +
      "nosniff, no-referrer) and, unless it was stored with or asked for with another, Cache-Control: private, no-cache.",
    cases: ["GET answers no cache-control or policy of its own"],
  },
  {
    reason:
      "A copy within the bucket is a second name of the same file, which costs nothing whatever the size; so it has its " +
      "source's date, until it is written again.",
    cases: ["a copy is of the time of the copy"],
  },
  {
    reason:
      "A form is answered with a status, never with a redirect (success_action_redirect is 501): whoever signs forms " +
      "would have the bucket lead people's browsers anywhere.",
    cases: ["success_action_redirect is answered 303, with bucket, key and ETag in the query"],
  },
];
