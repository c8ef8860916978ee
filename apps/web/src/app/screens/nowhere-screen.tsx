import { MapPinOff } from "lucide-react";
import { Link } from "wouter";
import { useTitle } from "../chrome/use-title.ts";
import { filesPath } from "./screen-of.ts";

/** An address that means nothing here. */
export function NowhereScreen() {
  useTitle("Not found");
  return (
    <div className="state-panel">
      <MapPinOff aria-hidden="true" />
      <h1>There is nothing at this address</h1>
      <p>The link may be old, or have lost a part on its way.</p>
      <Link className="button primary" href={filesPath}>
        Go to your files
      </Link>
    </div>
  );
}
