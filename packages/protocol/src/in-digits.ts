import { z } from "zod";

/** A number of a path or a query: decimal digits and nothing else, no sign, space, fraction, exponent or other base. */
export const inDigits = <Schema extends z.ZodType<number>>(schema: Schema) =>
  z.preprocess(
    (value) => (typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value),
    schema,
  );
