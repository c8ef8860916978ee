import assert from "node:assert/strict";
import { test } from "node:test";
import { presignQuery, sha256Hex, signHeaders } from "./sign-s3.ts";

// The examples of AWS's documentation: "Signature Calculations for the Authorization Header" and "Authenticating
// Requests: Using Query Parameters".
const example = {
  method: "GET",
  query: {},
  payload: sha256Hex(""),
  signedAt: new Date("2013-05-24T00:00:00Z"),
  region: "us-east-1",
  credentials: {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  },
};
const host = "examplebucket.s3.amazonaws.com";

test("the Authorization header of AWS's example of a GET with a range comes out", () => {
  const { headers } = signHeaders({
    ...example,
    path: "/test.txt",
    headers: { host, range: "bytes=0-9" },
  });
  assert.match(
    headers.authorization ?? "",
    /Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41$/,
  );
});

test("the Authorization header of AWS's example of a PUT with odd characters comes out", () => {
  const { headers } = signHeaders({
    ...example,
    method: "PUT",
    path: "/test%24file.text",
    payload: sha256Hex("Welcome to Amazon S3."),
    headers: { host, date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
  });
  assert.match(
    headers.authorization ?? "",
    /Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd$/,
  );
});

test("the Authorization header of AWS's example of a list comes out", () => {
  const { headers } = signHeaders({
    ...example,
    path: "/",
    query: { prefix: "J", "max-keys": "2" },
    headers: { host },
  });
  assert.match(
    headers.authorization ?? "",
    /Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7$/,
  );
});

test("the presigned URL of AWS's example comes out", () => {
  const query = presignQuery(
    { ...example, path: "/test.txt", headers: { host }, payload: "UNSIGNED-PAYLOAD" },
    86400,
  );
  assert.match(query, /&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404$/);
});
