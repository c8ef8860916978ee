// The peer of P1 and P7: the least that Fastify does for a JSON POST. It parses the body, looks at nothing, and answers
// JSON of a given size, made anew each time. No schema, no authentication, no disk, no log; JavaScript, since Node needs
// 20 MB more to strip types.
// node bare-fastify-server.mjs PORT ANSWER-BYTES
import Fastify from "fastify";

const [port = "", answerBytes = "0"] = process.argv.slice(2);

const server = Fastify({ logger: false });
const padding = "x".repeat(Math.max(0, Number(answerBytes) - '{"files":1,"padding":""}'.length));
server.post("/v1/uploads", async (request, reply) =>
  reply.code(201).send({ files: request.body.files.length, padding }),
);
await server.listen({ host: "127.0.0.1", port: Number(port) });
