import { setTimeout } from "node:timers/promises";
import {
  askArchive,
  assertNotDelegated,
  type Clock,
  changeProfile,
  deleteAccount,
  issuerSkewMs,
  type Limits,
  notFound,
  type PrincipalRecord,
  profileRevisionOf,
  quotaBytesOf,
  RefusedError,
  type ServicePorts,
  signOutEverywhere,
} from "@stowage/core";
import {
  archiveResponseSchema,
  changeMeSchema,
  deleteAccountSchema,
  type Me,
  meSchema,
  personScopes,
} from "@stowage/protocol";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { type Caller, callerOf } from "../authentication/authenticate.ts";
import { timestamp } from "../present/upload.ts";
import { presentArchive } from "./archives.ts";
import { expectedRevision, ifMatchHeaders } from "./entity-tags.ts";

const orNull = (limit: number): number | null => (limit === 0 ? null : limit);

/** `/v1/me`: who one is here, what one has used and what one may. */
export function meRoutes(server: ApiServer, { services, authenticate }: ApiContext): void {
  server.get(
    "/v1/me",
    {
      onRequest: authenticate(),
      schema: { tags: ["people"], summary: "Oneself", response: { 200: meSchema } },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      assertNotDelegated(caller);
      const principal = await services.metadata.findPrincipal(caller.id);
      if (!principal) throw new RefusedError(notFound);
      return reply.header("etag", profileEtagOf(principal)).send(presentMe(services, caller, principal));
    },
  );

  server.patch(
    "/v1/me",
    {
      onRequest: authenticate(personScopes),
      schema: {
        tags: ["people"],
        summary: "Change what one says of oneself: how one is called",
        headers: ifMatchHeaders,
        body: changeMeSchema,
        response: { 200: meSchema },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const expected = expectedRevision(request.headers["if-match"]);
      const principal = await changeProfile(services, caller, expected, request.body);
      return reply.header("etag", profileEtagOf(principal)).send(presentMe(services, caller, principal));
    },
  );

  server.post(
    "/v1/me/sign-out-everywhere",
    {
      onRequest: authenticate(personScopes),
      schema: {
        tags: ["people"],
        summary: "End all sign-ins, this one too: what was issued until now is refused within a second",
        response: { 204: z.undefined().describe("No body") },
      },
    },
    async (request, reply) => {
      await untilMs(services.clock, await signOutEverywhere(services, callerOf(request)));
      return reply.code(204).send();
    },
  );

  server.post(
    "/v1/me/export",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags: ["people"],
        summary: "Have all of one's own packed: every version of every file, and what is known of oneself",
        response: { 202: archiveResponseSchema },
      },
    },
    async (request, reply) => {
      const archive = await askArchive(services, callerOf(request), { kind: "account" });
      return reply
        .code(202)
        .header("location", `/v1/archives/${archive.id}`)
        .send({ archive: presentArchive({ archive, requests: [] }, services.clock.nowMs()) });
    },
  );

  server.delete(
    "/v1/me",
    {
      onRequest: authenticate(personScopes),
      schema: {
        tags: ["people"],
        summary: "Delete one's account and everything in it, for good",
        description:
          "At once nothing lets one in any more (`account-deleted`), and nobody knows who one was. Files and their bytes are gone within minutes. Whoever signs in again is somebody new.",
        body: deleteAccountSchema,
        response: { 204: z.undefined().describe("No body") },
      },
    },
    async (request, reply) => {
      await untilMs(services.clock, await deleteAccount(services, callerOf(request)));
      return reply.code(204).send();
    },
  );
}

/** Its ETag says nothing of what is counted: what one may change is what one says of oneself. */
const profileEtagOf = (person: PrincipalRecord): string => `"r${profileRevisionOf(person)}"`;

function presentMe(services: ServicePorts, caller: Caller, principal: PrincipalRecord): Me {
  const { limits } = services;
  const organisationQuota = organisationQuotaOf(limits, principal);
  return {
    id: principal.id,
    issuer: principal.issuer,
    subject: principal.subject,
    ...(principal.email === undefined ? {} : { email: principal.email }),
    ...(principal.name === undefined ? {} : { name: principal.name }),
    ...(principal.organisation === undefined ? {} : { organisation: principal.organisation }),
    createdAt: timestamp(principal.createdAtMs),
    scopes: [...caller.scopes],
    usedBytes: principal.usedBytes,
    reservedBytes: principal.reservedBytes,
    quotaBytes: orNull(quotaBytesOf(limits, caller)),
    usedFiles: principal.usedFiles,
    quotaFiles: orNull(limits.quotaFiles),
    ...(organisationQuota ? { organisationQuota } : {}),
    openUploads: principal.openUploads,
    limits: {
      openUploads: orNull(limits.openUploads),
      createsPerMinute: orNull(limits.createsPerMinute),
    },
    profiles: [...services.profiles.values()].map(({ name, maxSizeBytesByType }) => ({
      name,
      types: [...maxSizeBytesByType].map(([contentType, maxSizeBytes]) => ({
        contentType,
        maxSizeBytes,
      })),
    })),
  };
}

/**
 * Tokens say in which second they were issued: what is issued from the next one on is told from what was ended. Whoever has the answer and
 * signs in again does so no earlier.
 */
const untilMs = async ({ nowMs }: Pick<Clock, "nowMs">, atMs: number): Promise<void> => {
  await setTimeout(Math.min(1000 + issuerSkewMs, Math.max(0, atMs - nowMs())));
};

/** The quota of somebody's organisation; of what is taken of it nothing, since what colleagues send is theirs. */
function organisationQuotaOf(
  { organisationQuotaBytes: bytes, organisationQuotaFiles: files }: Limits,
  { organisationId }: PrincipalRecord,
) {
  if (organisationId === undefined || bytes + files === 0) return undefined;
  return { totalBytes: orNull(bytes), totalFiles: orNull(files) };
}
