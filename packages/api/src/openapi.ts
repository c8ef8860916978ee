import swagger from "@fastify/swagger";
import { problemSchema } from "@stowage/protocol";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { z } from "zod";

interface Operation {
  responses?: Record<string, unknown>;
}

interface ComponentsOf {
  components?: { schemas?: Record<string, unknown> };
}

/** Every operation answers with a problem where something is wrong. */
const problemResponse = {
  description: "A problem (RFC 9457)",
  content: {
    "application/problem+json": { schema: z.toJSONSchema(problemSchema, { target: "draft-2020-12" }) },
  },
};

/** Publishes the routes that are registered after it as OpenAPI 3.1. */
export async function registerOpenapi(server: FastifyInstance, version: string): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Stowage",
        version,
        description:
          "Uploads that go straight to object storage by presigned URLs and are verified before anyone sees them.",
      },
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
      security: [{ bearer: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (documented) => {
      const document = jsonSchemaTransformObject(documented);
      for (const path of Object.values(document.paths ?? {}))
        for (const operation of Object.values(path ?? {}) as Operation[])
          if (operation.responses) operation.responses.default = problemResponse;
      dropInputTwins(document as ComponentsOf);
      return document;
    },
  });
}

/** The library lists each named schema twice, as `X` and `XInput`; what nothing refers to is left out. */
function dropInputTwins(document: ComponentsOf): void {
  const schemas = document.components?.schemas;
  if (!schemas) return;
  for (const name of Object.keys(schemas)) {
    const others = JSON.stringify({
      ...document,
      components: { schemas: { ...schemas, [name]: undefined } },
    });
    if (!others.includes(`"#/components/schemas/${name}"`)) delete schemas[name];
  }
}
