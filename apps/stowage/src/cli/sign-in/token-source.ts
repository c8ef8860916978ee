import { NetworkError, NotSignedInError } from "@stowage/client";
import { type AccessToken, type Credentials, isDue, isExpired } from "./credentials.ts";
import type { CredentialsFile } from "./credentials-file.ts";
import { describeIssuerFailure } from "./describe-issuer-failure.ts";
import { renewTokens } from "./renew-tokens.ts";

interface Options {
  readonly file: CredentialsFile;
  /** Origin of the server that the tokens are for. */
  readonly server: string;
  /** What the file holds of it. */
  readonly credentials: Credentials;
  /** Told of work that must not be cut off: a used refresh token whose answer is lost ends the sign-in. */
  holdOpen(work: Promise<unknown>): void;
  readonly nowMs: () => number;
}

/** For a client's `getToken`: the access token, renewed before its end and after it was refused. */
export type TokenSource = (refused?: string) => Promise<string | undefined>;

/**
 * Hands out the access token of a sign-in. Of all commands that run at a time one renews it, and the others take
 * what it got.
 *
 * The source throws NotSignedInError where the sign-in has ended, NetworkError where that can't be found out.
 */
export function createTokenSource({ file, server, credentials, holdOpen, nowMs }: Options): TokenSource {
  const { issuer, subject } = credentials;
  let current = credentials;
  let renewing: Promise<Credentials> | undefined;

  const isUsable = (token: AccessToken, refused: string | undefined): boolean =>
    token.value !== refused && !isDue(token, nowMs());

  /** What others made of the credentials meanwhile. */
  const readAgain = async (): Promise<Credentials> => {
    const kept = await file.read(server);
    if (!kept) throw new NotSignedInError(`You have signed out of ${server}.`);
    if (kept.issuer !== issuer || kept.subject !== subject)
      throw new NotSignedInError(`Somebody else has signed in to ${server} meanwhile.`);
    return kept;
  };

  const renew = (refused: string | undefined): Promise<Credentials> =>
    file.exclusively(server, async () => {
      const kept = await readAgain();
      if (isUsable(kept.accessToken, refused)) return kept;
      if (kept.refreshToken === undefined) return withoutRefreshToken(kept, refused);
      try {
        const renewed = await renewTokens(kept, nowMs);
        await file.write(server, renewed);
        return renewed;
      } catch (error) {
        return await failed(kept, refused, error);
      }
    });

  const withoutRefreshToken = (kept: Credentials, refused: string | undefined): Credentials => {
    if (kept.accessToken.value !== refused && !isExpired(kept.accessToken, nowMs())) return kept;
    throw new NotSignedInError(`Your sign-in to ${server} has come to its end.`);
  };

  const failed = async (
    kept: Credentials,
    refused: string | undefined,
    error: unknown,
  ): Promise<Credentials> => {
    const { kind, code, words } = describeIssuerFailure(error);
    if (code === "invalid_grant") {
      await file.write(server, undefined);
      throw new NotSignedInError(`Your sign-in to ${server} has ended.`, { cause: error });
    }
    // It is good for a little longer, and next time the issuer may answer.
    if (kept.accessToken.value !== refused && !isExpired(kept.accessToken, nowMs())) return kept;
    const sentence = `Your sign-in could not be renewed: the issuer ${issuer} ${words}.`;
    throw kind === "unavailable"
      ? new NetworkError(sentence, { cause: error })
      : new NotSignedInError(sentence, { cause: error });
  };

  return async (refused) => {
    if (!isUsable(current.accessToken, refused)) {
      renewing ??= renew(refused).finally(() => {
        renewing = undefined;
      });
      holdOpen(renewing);
      current = await renewing;
    }
    return current.accessToken.value;
  };
}
