import { findPeople } from "@stowage/core";
import { findPeopleQuerySchema, personListSchema } from "@stowage/protocol";
import type { ApiContext, ApiServer } from "../api-context.ts";
import { callerOf } from "../authentication/authenticate.ts";
import { decodeCursor, encodeCursor } from "../present/cursor.ts";
import { presentPerson } from "../present/person.ts";

const defaultLimit = 50;
const cursorList = "people";

/** `/v1/users`: the people of one's organisation. */
export function peopleRoutes(server: ApiServer, { services, authenticate }: ApiContext): void {
  server.get(
    "/v1/users",
    {
      onRequest: authenticate("files:read"),
      schema: {
        tags: ["people"],
        summary: "People of one's own organisation, by name or e-mail",
        description: "Who is of no organisation finds nobody, and is found by nobody.",
        querystring: findPeopleQuerySchema,
        response: { 200: personListSchema },
      },
    },
    async (request) => {
      const { limit = defaultLimit, cursor, q } = request.query;
      const after = decodeCursor(cursorList, "string", cursor);
      const page = await findPeople(services, callerOf(request), q, { limit, ...(after ? { after } : {}) });
      return {
        items: page.items.map(presentPerson),
        nextCursor: page.next ? encodeCursor(cursorList, page.next) : null,
      };
    },
  );
}
