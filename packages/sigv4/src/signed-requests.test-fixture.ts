// Requests signed by one key at one time, for the verifier's tests.
import assert from "node:assert/strict";
import {
  createHeaderSigner,
  createPresigner,
  createVerifier,
  type ReceivedRequest,
  SignatureRefusedError,
  type VerifiedRequest,
  type VerifierOptions,
} from "./index.ts";

export const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret" };
export const region = "local";
export const origin = "http://127.0.0.1:9000";
export const signedAt = new Date("2026-03-01T00:00:10Z");
export const presign = createPresigner({ credentials, region });
export const signHeaders = createHeaderSigner({ credentials, region });

export function verifierAt(
  offsetMs: number,
  options: Partial<VerifierOptions> = {},
): (received: ReceivedRequest) => VerifiedRequest {
  return createVerifier({
    region,
    findSecretAccessKey: (id) => (id === credentials.accessKeyId ? credentials.secretAccessKey : undefined),
    now: () => new Date(signedAt.getTime() + offsetMs),
    ...options,
  });
}

export function presigned(headers: Record<string, string> = {}, expiresInSeconds = 600): ReceivedRequest {
  const url = new URL(`${origin}/bucket/key`);
  return {
    method: "PUT",
    target: presign({ method: "PUT", url, headers, expiresInSeconds, signedAt }).slice(origin.length),
    headers: new Map([...Object.entries(headers), ["host", url.host]]),
  };
}

export function headerSigned(change: Record<string, string | undefined> = {}): ReceivedRequest {
  const url = new URL(`${origin}/bucket/key?acl`);
  const sent = signHeaders({ method: "GET", url, payloadSha256: "UNSIGNED-PAYLOAD", signedAt });
  const headers = new Map([...Object.entries(sent), ["host", url.host]]);
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) headers.delete(name);
    else headers.set(name, value);
  }
  return { method: "GET", target: "/bucket/key?acl", headers };
}

export function codeOf(received: ReceivedRequest, verify = verifierAt(0)): string {
  try {
    verify(received);
    return "accepted";
  } catch (error) {
    assert.ok(error instanceof SignatureRefusedError);
    return error.code;
  }
}
