import { z } from "zod";
import { listQuerySchema } from "./list.ts";
import { storableText } from "./text.ts";

/** `GET /v1/users` */
export const findPeopleQuerySchema = listQuerySchema.extend({
  q: storableText("q", 2, 4096).describe(
    "What a word of their name or e-mail begins with, at least 2 characters, which may go on into the words behind it",
  ),
});

export const personSchema = z
  .object({ id: z.string(), name: z.string().optional(), email: z.string().optional() })
  .meta({ id: "Person" });

export const personListSchema = z
  .object({ items: z.array(personSchema), nextCursor: z.string().nullable() })
  .meta({ id: "PersonList" });

export type Person = z.infer<typeof personSchema>;
export type PersonList = z.infer<typeof personListSchema>;
