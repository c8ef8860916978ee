// A module of its own, so that what is loaded for it is SHA-256 and nothing else of its package.
export { sha256 } from "@noble/hashes/sha2.js";
