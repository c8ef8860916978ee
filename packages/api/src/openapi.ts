import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";

interface Response {
  description: string;
  headers?: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, unknown>>;
}

interface Operation {
  responses?: Record<string, Response>;
  parameters?: Parameter[];
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema?: { type?: string; additionalProperties?: object };
}

interface DocumentWithSchemas {
  components?: { schemas?: Record<string, unknown> };
}

/** Every operation answers with a problem where something is wrong. */
const problemResponse = {
  description: "A problem (RFC 9457)",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

/** A route that says more of its problems than all do (a batch's items) says it as JSON; it is problem details too. */
function describeProblems({ responses }: Operation): void {
  if (!responses) return;
  const own = responses.default?.content?.["application/json"];
  responses.default =
    own === undefined
      ? problemResponse
      : { description: problemResponse.description, content: { "application/problem+json": own } };
}

/** A parameter of pairs is given as `NAME.KEY=VALUE`, which OpenAPI has no word for: KEY stands for any. */
function nameDottedParameters({ parameters = [] }: Operation): void {
  for (const parameter of parameters) {
    if (parameter.in !== "query" || parameter.schema?.type !== "object") continue;
    parameter.name += ".KEY";
    parameter.schema = { ...parameter.schema.additionalProperties };
  }
}

/** A change can't do without `If-Match`; it and a read that takes `If-None-Match` say what comes next by an `ETag`. */
function describeEtags({ parameters = [], responses = {} }: Operation): void {
  const named = (name: string) => parameters.find((each) => each.in === "header" && each.name === name);
  const ifMatch = named("if-match");
  if (ifMatch) ifMatch.required = true;
  const response = responses["200"];
  if (response && (ifMatch ?? named("if-none-match")))
    response.headers = {
      ETag: { description: "For If-Match and If-None-Match", schema: { type: "string" } },
    };
}

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
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer" },
          metricsToken: { type: "http", scheme: "bearer", description: "The token of metrics.token" },
        },
      },
      security: [{ bearer: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (documented) => {
      const document = jsonSchemaTransformObject(documented);
      for (const path of Object.values(document.paths ?? {}))
        for (const operation of Object.values(path ?? {}) as Operation[]) {
          describeProblems(operation);
          nameDottedParameters(operation);
          describeEtags(operation);
        }
      return dropInputTwins(document as DocumentWithSchemas) as typeof document;
    },
  });
}

const referenceTo = (name: string): string => `"#/components/schemas/${name}"`;

/**
 * The library lists each named schema twice, as `X` for answers and `XInput` for requests. What no path leads to is
 * left out, and an `XInput` without its twin is called `X`.
 */
function dropInputTwins(document: DocumentWithSchemas): DocumentWithSchemas {
  const { components, ...rest } = document;
  const named = Object.entries(components?.schemas ?? {});
  const reached = new Map<string, unknown>();
  let unread = JSON.stringify(rest);
  while (unread !== "") {
    const found = named.filter(([name]) => !reached.has(name) && unread.includes(referenceTo(name)));
    for (const [name, schema] of found) reached.set(name, schema);
    unread = found.map(([, schema]) => JSON.stringify(schema)).join("\n");
  }
  const plainName = (name: string) => {
    const plain = name.replace(/Input$/, "");
    return reached.has(plain) ? name : plain;
  };
  const schemas = Object.fromEntries([...reached].map(([name, schema]) => [plainName(name), schema]));
  let text = JSON.stringify({ ...rest, components: { ...components, schemas } });
  for (const name of reached.keys()) text = text.replaceAll(referenceTo(name), referenceTo(plainName(name)));
  return JSON.parse(text) as DocumentWithSchemas;
}
