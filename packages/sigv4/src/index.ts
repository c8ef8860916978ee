export { checkPostConditions, type PostVerdict } from "./check-post-conditions.ts";
export {
  type ChunkSignatures,
  type ChunkSigning,
  type ChunkVerifier,
  createChunkSignatures,
} from "./chunk-signatures.ts";
export type { PostCondition, PostPolicy } from "./post-policy.ts";
export { createPresigner, type PresignInput } from "./presign-url.ts";
export { decodeObjectPath, decodeQuery } from "./request-target.ts";
export { createHeaderSigner, type SignHeadersInput } from "./sign-headers.ts";
export { createPostPolicySigner, type SignPostPolicyInput } from "./sign-post-policy.ts";
export type { SignableUrl } from "./signable-request.ts";
export { type SignatureRefusedCode, SignatureRefusedError } from "./signature-refused-error.ts";
export type { SigningCredentials } from "./signing-key.ts";
export type { SignerOptions } from "./signing-moment.ts";
export type { QueryMembers } from "./uri-encoding.ts";
export { createPostPolicyVerifier, type VerifiedPostPolicy } from "./verify-post-policy.ts";
export {
  createVerifier,
  type ReceivedRequest,
  type VerifiedRequest,
  type VerifierOptions,
} from "./verify-request.ts";
