import { z } from "zod";

/** Most records that one message of a store's brings. */
export const maxStoreEvents = 1000;

/** S3's longest key, every byte of it percent-encoded. */
const maxKeyLength = 3 * 1024;

const shortText = (what: string) =>
  z.string(`${what} must be a string.`).max(256, `${what} has at most 256 characters.`);

/**
 * One record of an S3 event message, as far as it is read. Unlike a client's request, a store's message may have
 * members that are not named here: each store adds its own, and AWS adds some with time.
 */
export const storeEventSchema = z
  .object({
    eventName: shortText("eventName").describe("ObjectCreated:Put, with or without s3: before it"),
    s3: z.object(
      {
        bucket: z.object(
          { name: shortText("A bucket's name") },
          "bucket must be an object with the bucket's name.",
        ),
        object: z.object(
          {
            key: z
              .string("key must be a string.")
              .max(maxKeyLength, `A key has at most ${maxKeyLength} characters.`)
              .describe("URL-encoded by AWS and MinIO, as it is by Ceph"),
          },
          "object must be an object with its key.",
        ),
      },
      "s3 must be an object with bucket and object.",
    ),
  })
  .meta({ id: "StoreEvent" });

/** What a store sends once, to find out whether somebody listens. */
const testEvent = "s3:TestEvent";

/**
 * `POST /v1/store-events`: what an S3 store tells of its objects
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html, versions 2.x), or its
 * test event, which has no records.
 */
export const storeEventsSchema = z
  .object(
    {
      Records: z
        .array(storeEventSchema, "Records must be an array.")
        .max(maxStoreEvents, `Records may have at most ${maxStoreEvents} events.`)
        .optional(),
      Event: shortText("Event").optional().describe(`${testEvent}, without Records`),
    },
    "A store's message must be an object.",
  )
  .refine(
    ({ Records, Event }) => Records !== undefined || Event === testEvent,
    `A store's message has Records, or is the event ${testEvent}.`,
  )
  .meta({ id: "StoreEvents" });

export type StoreEvent = z.infer<typeof storeEventSchema>;
