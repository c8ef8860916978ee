import { type Command, CommandError } from "../../cli/command.ts";
import { escapeText, jsonLine } from "../../cli/escape-text.ts";
import { dataDirOf } from "../../cli/remote/find-server.ts";
import { dataOption } from "../../cli/remote/remote-options.ts";

export const auditPublicKeyCommand: Command = {
  name: "audit public-key",
  synopsis: "[--data DIR]",
  summary: "Print the key that verifies the audit's checkpoints",
  description: [
    "In PEM, for stowage audit verify --public-key on a machine that has nothing else of the server's.",
    "",
    "  stowage audit public-key > audit-key.pem",
  ].join("\n"),
  options: { ...dataOption },
  positionals: { min: 0, max: 0 },
  async run(context) {
    // Loaded when it is run: the list of commands must not wait for a server's code.
    const [{ readSecrets, secretsFile }, { checkpointKeyOf }, { keyIdOf }] = await Promise.all([
      import("../secrets.ts"),
      import("./checkpoint-key.ts"),
      import("./checkpoint.ts"),
    ]);
    const dataDir = dataDirOf(context);
    const secrets = await readSecrets(dataDir);
    if (!secrets)
      throw new CommandError(
        `There is no ${escapeText(secretsFile(dataDir))}: no server was ever started there. Name another directory with --data DIR.`,
      );
    const { publicKey } = checkpointKeyOf(secrets);
    const pem = String(publicKey.export({ format: "pem", type: "spki" })).trimEnd();
    context.out(context.json ? jsonLine({ keyId: keyIdOf(publicKey), publicKey: pem }) : pem);
    return 0;
  },
};
