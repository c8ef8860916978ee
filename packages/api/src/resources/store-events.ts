import { handleStoreEvents } from "@stowage/core";
import { storeEventsSchema } from "@stowage/protocol";
import { z } from "zod";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { authenticateBySecret } from "../authentication/authenticate-by-secret.ts";

/** Which store may tell of its objects. */
export interface StoreEventsOptions {
  /** The bucket's name: events of any other are ignored. */
  readonly bucket: string;
  /** What the store sends as `Authorization: Bearer …`. At least 32 characters that nobody can guess. */
  readonly secret: string;
}

/** `/v1/store-events`: the store tells which objects came. */
export function storeEventRoutes(
  server: ApiServer,
  { services }: Pick<ApiContext, "services">,
  { bucket, secret }: StoreEventsOptions,
): void {
  server.post(
    "/v1/store-events",
    {
      onRequest: authenticateBySecret(secret, {
        realm: "store-events",
        detail: "Only the store, with the secret that it was given, may send events.",
      }),
      schema: {
        tags: ["operations"],
        summary: "S3 event notifications, by the store itself",
        description:
          "Authenticated by the secret that the store was given, as Authorization: Bearer; no access token is taken. Pending uploads whose objects came are completed, everything else is ignored. On 503 the message must be sent again.",
        body: storeEventsSchema,
        response: { 204: z.undefined().describe("No body") },
      },
    },
    async (request, reply) => {
      const completed = await handleStoreEvents(services, bucket, request.body.Records ?? []);
      if (completed > 0) request.log.info({ completed }, "completed uploads that the store told of");
      return reply.code(204).send();
    },
  );
}
