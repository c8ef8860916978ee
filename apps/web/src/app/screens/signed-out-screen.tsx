import { Wordmark } from "../chrome/wordmark.tsx";
import { signInAddress } from "../session/sign-in-address.ts";

/** The first thing a person sees: what this is, and the way in. */
export function SignedOutScreen() {
  return (
    <div className="welcome">
      <header className="welcome-top">
        <Wordmark />
      </header>
      <main className="welcome-main">
        <div className="welcome-words">
          <h1>A quiet place for your photographs</h1>
          <p className="lead">
            Drop them on a page. Each one is checked, kept exactly as it is, and shown to nobody but you.
          </p>
          <div className="actions">
            <a className="button primary" href={signInAddress({ returnTo: "/", create: true })}>
              Create account
            </a>
            <a className="button" href={signInAddress({ returnTo: "/", create: false })}>
              Sign in
            </a>
          </div>
        </div>
      </main>
    </div>
  );
}
