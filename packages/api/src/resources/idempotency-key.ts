import { z } from "zod";

/** Of requests that create: sent again with the same key within a day they create nothing more. */
export const idempotencyKeyHeaders = z.object({
  "idempotency-key": z
    .string("Idempotency-Key may be given once.")
    .regex(
      /^[\x21-\x7e]{1,128}$/,
      "Idempotency-Key is 1 to 128 printable characters of ASCII, without spaces.",
    )
    .optional()
    .describe(
      "Chosen by the client, one for each request that is meant: sent again within a day, it creates nothing more",
    ),
});
