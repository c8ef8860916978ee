import type { IssuerPorts } from "./issuer-ports.ts";

/** See `Issuer.endEverySignIn`. */
export async function endEverySignIn({ database, now }: IssuerPorts): Promise<void> {
  const { connection } = database;
  const seconds = Math.floor(now().getTime() / 1000);
  await database.write(() => {
    // What a request under way writes after this has been signed in to before it.
    connection.prepare("UPDATE accounts SET sessions_ended_at = ?").run(seconds);
    connection.prepare("DELETE FROM protocol_records").run();
    connection.prepare("DELETE FROM invites").run();
  });
}
