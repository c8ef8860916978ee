import {
  assertPerson,
  type DelegationBounds,
  delegateRights,
  listDelegations,
  revokeDelegation,
} from "@stowage/core";
import {
  idSchema,
  listTokensQuerySchema,
  type MintTokenRequest,
  mintTokenSchema,
  tokenLifetimeSeconds,
  tokenListSchema,
  tokenSchema,
} from "@stowage/protocol";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { assertScope, callerOf } from "../authentication/authenticate.ts";
import { decodeCursor, encodeCursor } from "../present/cursor.ts";
import { presentToken } from "../present/token.ts";
import { idempotencyKeyHeaders } from "./idempotency-key.ts";

const defaultLimit = 50;
const cursorList = "tokens";
const tags = ["people"];
const params = z.object({ id: idSchema });

/** `/v1/tokens`: rights of one's own that one gives to a program, for a while and within bounds. */
export function tokenRoutes(
  server: ApiServer,
  { services, authenticate, capabilityTokens }: ApiContext,
): void {
  const nowMs = () => services.clock.nowMs();

  server.post(
    "/v1/tokens",
    {
      onRequest: authenticate(),
      schema: {
        tags,
        summary: "Mint a capability token: rights of one's own for a program, bounded and revocable",
        description:
          "For who signed in. Whoever comes with it is the same person, with these scopes and within these bounds: the same `ref` is the same upload. It ends with its time, when it is taken back, and when its person signs out everywhere, deletes their account, or leaves their organisation or the album that it is bound to.",
        headers: idempotencyKeyHeaders,
        body: mintTokenSchema.nullish(),
        response: {
          200: tokenSchema.describe(
            "Minted by the same request before, under the same Idempotency-Key: the token can't be shown again",
          ),
          201: tokenSchema,
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      assertPerson(caller);
      const { issuedAtMs } = caller;
      if (issuedAtMs === undefined)
        throw new Error("Who signed in has a token that was issued at some time.");
      const { scopes = ["uploads:write"], expiresInSeconds, ...said } = request.body ?? {};
      for (const scope of scopes) assertScope(caller, scope);
      const { delegation, isRepeat } = await delegateRights(
        services,
        { ...caller, issuedAtMs },
        {
          scopes: [...new Set(scopes)],
          bounds: boundsOf(said),
          lifetimeMs: (expiresInSeconds ?? tokenLifetimeSeconds.usual) * 1000,
          idempotencyKey: request.headers["idempotency-key"],
        },
      );
      const shown = presentToken(delegation, nowMs());
      if (isRepeat) return reply.code(200).send(shown);
      return reply.code(201).send({ ...shown, token: await capabilityTokens.sign(delegation) });
    },
  );

  server.get(
    "/v1/tokens",
    {
      onRequest: authenticate(),
      schema: {
        tags,
        summary: "The tokens that one minted and that have not ended, newest first",
        querystring: listTokensQuerySchema,
        response: { 200: tokenListSchema },
      },
    },
    async (request) => {
      const { limit = defaultLimit, cursor } = request.query;
      const after = decodeCursor(cursorList, "number", cursor);
      const page = await listDelegations(services, callerOf(request), {
        limit,
        ...(after ? { after: { createdAtMs: Number(after.key), id: after.id } } : {}),
      });
      return {
        items: page.items.map((delegation) => presentToken(delegation, nowMs())),
        nextCursor: page.next
          ? encodeCursor(cursorList, { key: page.next.createdAtMs, id: page.next.id })
          : null,
      };
    },
  );

  server.delete(
    "/v1/tokens/:id",
    {
      onRequest: authenticate(),
      schema: {
        tags,
        summary: "Take a token back: it is good for nothing at the next request",
        params,
        response: { 204: z.undefined().describe("No body") },
      },
    },
    async (request, reply) => {
      await revokeDelegation(services, callerOf(request), request.params.id);
      return reply.code(204).send();
    },
  );
}

type SaidBounds = Omit<MintTokenRequest, "scopes" | "expiresInSeconds">;

/** No pairs bound nothing. */
const boundsOf = ({ profile, albumId, metadata = {}, maxFiles, maxBytes }: SaidBounds): DelegationBounds => ({
  ...(profile === undefined ? {} : { profile }),
  ...(albumId === undefined ? {} : { albumId }),
  ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  ...(maxFiles === undefined ? {} : { maxFiles }),
  ...(maxBytes === undefined ? {} : { maxBytes }),
});
