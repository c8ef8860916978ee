import { useTitle } from "../chrome/use-title.ts";
import { MessageScreen } from "./message-screen.tsx";

/** The page was opened under an address that nobody can be signed in under. */
export function WrongAddressScreen({ rightAddress }: { readonly rightAddress: string }) {
  useTitle("Another address");
  return (
    <MessageScreen
      title="This server has another address"
      actions={
        <a className="button primary" href={rightAddress}>
          Go there
        </a>
      }
    >
      Signing in works at <strong>{new URL(rightAddress).origin}</strong> only. If that does not open, ask
      whoever runs this server.
    </MessageScreen>
  );
}
