import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { fetchJson } from "./fetch-json.ts";
import { IssuerUnavailableError } from "./trusted-issuer.ts";

/** Key ids that nobody knows cost an issuer at most one fetch in this time. */
const cooldownMs = 30_000;

/** After a fetch that failed the next one is made this much later at the earliest. */
const retryMs = 10_000;

/** Keys are read again after this, so that one that was withdrawn is not believed for long. */
const believedForMs = 10 * 60_000;

/**
 * Where they can't be read again, they are believed for this long: tokens that were issued before the issuer fell silent
 * have mostly ended by then.
 */
const believedWithoutAnswerForMs = 60 * 60_000;

/**
 * An issuer's published keys (RFC 7517), read when they are needed: at first, when they are ten minutes old, and when a
 * token names one that is not among them; by one request at a time, and never more often than once in 30 seconds (10,
 * where the last time failed), however many tokens ask.
 *
 * @param o.uri - where they are
 * @param o.report - is told of each fetch that fails
 *
 * The returned function throws {@link IssuerUnavailableError}, or jose's errors for a token that no key fits.
 */
export function createKeySource(o: {
  readonly uri: () => Promise<string>;
  readonly nowMs: () => number;
  readonly report: (error: Error) => void;
  /** Of each fetch: when it has taken too long. Default: after 5 seconds. */
  readonly newTimeout?: (() => AbortSignal) | undefined;
}): JWTVerifyGetKey {
  let keys: { readonly find: JWTVerifyGetKey; readonly readAtMs: number } | undefined;
  let tried: { readonly atMs: number; readonly failure?: Error } | undefined;
  let pending: Promise<void> | undefined;

  const read = async () => {
    const atMs = o.nowMs();
    try {
      keys = { find: createLocalJWKSet(await readKeySet(await o.uri(), o.newTimeout?.())), readAtMs: atMs };
      tried = { atMs };
    } catch (cause) {
      const failure = new IssuerUnavailableError("The issuer's keys can't be had right now.", { cause });
      tried = { atMs, failure };
      o.report(failure);
    }
  };

  /** One at a time, and not so soon after the last. */
  const refresh = (): Promise<void> => {
    if (!pending) {
      const sinceMs = tried ? o.nowMs() - tried.atMs : Number.POSITIVE_INFINITY;
      // A clock that was set back says nothing of how long ago it was.
      if (sinceMs >= 0 && sinceMs < (tried?.failure ? retryMs : cooldownMs)) return Promise.resolve();
      pending = read().finally(() => {
        pending = undefined;
      });
    }
    return pending;
  };

  const ageMs = () => {
    const ageMs = keys ? o.nowMs() - keys.readAtMs : Number.POSITIVE_INFINITY;
    // Read before the clock was set back, nobody knows how long: to be read again, and good for as long as an issuer may be silent.
    return ageMs < 0 ? believedForMs + 1 : ageMs;
  };

  return async (header, token) => {
    if (ageMs() > believedForMs) {
      const refreshed = refresh();
      // While the issuer is silent nobody waits for it whose key is known.
      if (!tried?.failure || ageMs() > believedWithoutAnswerForMs) await refreshed;
    }
    if (!keys || ageMs() > believedWithoutAnswerForMs) throw unavailable();
    try {
      return await keys.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh();
      // The key may be new: that it is nobody's is known only of an issuer that answers.
      if (tried?.failure) throw unavailable();
      return keys.find(header, token);
    }
  };

  function unavailable(): Error {
    return tried?.failure ?? new IssuerUnavailableError("The issuer's keys can't be had right now.");
  }
}

/**
 * A set of keys with one at least: an issuer that has none answers by mistake.
 *
 * @throws IssuerUnavailableError, NoJsonError
 */
export async function readKeySet(uri: string, timeout?: AbortSignal): Promise<JSONWebKeySet> {
  const { keys } = await fetchJson(uri, {}, timeout);
  if (Array.isArray(keys) && keys.length > 0 && keys.every(isObject)) return { keys } as JSONWebKeySet;
  throw new IssuerUnavailableError(`What ${uri} answers is no set of keys.`);
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
