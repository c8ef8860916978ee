import { hash } from "node:crypto";

/** Digest by which a verified token is remembered; the token itself is not kept. */
export const tokenDigest = (token: string): string => hash("sha256", token, "base64");
