import { z } from "zod";
import { cursorSchema, limitSchema } from "./list.ts";
import { idSchema } from "./upload.ts";

/** `GET /v1/audit` */
export const listAuditQuerySchema = z.strictObject({
  fileId: idSchema.optional().describe("Events of this file, which is one's own"),
  actorId: idSchema.optional().describe("Events by this person. Not beside fileId"),
  limit: limitSchema,
  cursor: cursorSchema,
});

/** What was done, by ids alone. */
export const auditEventSchema = z
  .object({
    id: z.string().describe("The same each time it is read; tells nothing of others"),
    at: z.string(),
    actor: z.string().describe("A person's id, `system` or `anonymous`"),
    action: z.string().describe("`file.changed`, `upload.ready` and so on; new ones may come"),
    targetId: z.string().describe("Of the upload, file or person that it is about"),
    detail: z.record(z.string(), z.unknown()).optional().describe("What else is to be known of it"),
  })
  .meta({ id: "AuditEvent" });

export const auditEventListSchema = z
  .object({ items: z.array(auditEventSchema), nextCursor: z.string().nullable() })
  .meta({ id: "AuditEventList" });

export type AuditEvent = z.infer<typeof auditEventSchema>;
export type AuditEventList = z.infer<typeof auditEventListSchema>;
