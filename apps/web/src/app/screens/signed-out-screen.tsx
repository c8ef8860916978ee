import { TriangleAlert } from "lucide-react";
import { InsecureNotice } from "../chrome/insecure-notice.tsx";
import { Notice } from "../chrome/notice.tsx";
import { useTitle } from "../chrome/use-title.ts";
import { Wordmark } from "../chrome/wordmark.tsx";
import type { SignedOutWhy } from "../session/session-state.ts";
import { signInAddress } from "../session/sign-in-address.ts";
import { signInProblemOf } from "../session/sign-in-problem.ts";
import type { Unfinished } from "../session/visits.ts";
import { whoMaySignUp } from "../session/who-may-sign-up.ts";
import { PrintsPicture } from "./prints-picture.tsx";
import { screenOf } from "./screen-of.ts";
import { unfinishedWords } from "./unfinished-words.ts";

const whys: Readonly<Record<SignedOutWhy, string>> = {
  here: "You are signed out, in every tab of this browser.",
  "another-tab": "You were signed out in another tab.",
  ended: "Your session has ended. Sign in to go on.",
};

const waysIn = {
  invited: "Accounts here are by invitation: ask whoever runs this server for a link.",
  none: "Nobody can sign in by this page: whoever runs this server has set up no way in. The API works without it.",
} as const;

/** The first thing a person sees: what this is, and the way in. */
export function SignedOutScreen({
  why,
  unfinished,
}: {
  readonly why?: SignedOutWhy | undefined;
  readonly unfinished?: Unfinished | undefined;
}) {
  useTitle("Sign in");
  const signUp = whoMaySignUp(
    document.querySelector<HTMLMetaElement>('meta[name="stowage-sign-up"]')?.content,
  );
  const problem = signInProblemOf(location.search);
  // Back to where they were; an address that means nothing leads to the beginning.
  const returnTo = screenOf(location.pathname).name === "nowhere" ? "/" : location.pathname;
  return (
    <div className="welcome">
      <header className="welcome-top">
        <Wordmark />
      </header>
      <div className="notices">
        <InsecureNotice />
        {problem && (
          <Notice tone="danger" icon={<TriangleAlert aria-hidden="true" />}>
            <strong>{problem.title}.</strong> {problem.detail}
          </Notice>
        )}
        {why && !problem && (
          <Notice>
            {whys[why]}
            {unfinished && unfinished.files > 0 && ` ${unfinishedWords(unfinished)}`}
          </Notice>
        )}
      </div>
      <main className="welcome-main">
        <div className="welcome-words">
          <h1>A quiet place for your photographs</h1>
          <p className="lead">
            Drop them on a page. Each one is checked, kept exactly as it is, and shown to nobody but you.
          </p>
          {signUp !== "none" && (
            <div className="actions">
              {signUp === "open" && (
                <a className="button primary large" href={signInAddress({ returnTo, create: true })}>
                  Create account
                </a>
              )}
              <a
                className={signUp === "open" ? "button large" : "button primary large"}
                href={signInAddress({ returnTo, create: false })}
              >
                Sign in
              </a>
            </div>
          )}
          {signUp !== "open" && <p className="small-print way-in">{waysIn[signUp]}</p>}
          <ul className="promises">
            <li>
              <strong>The original, always.</strong> What you download is what you uploaded, to the last byte.
            </li>
            <li>
              <strong>Only yours.</strong> No other person of this server can see your files.
            </li>
            <li>
              <strong>Checked on arrival.</strong> A damaged file is found today, not in ten years.
            </li>
          </ul>
        </div>
        <PrintsPicture />
      </main>
      <footer className="welcome-foot">
        <p>
          This page talks to this server alone: nothing is loaded from anywhere else, and nobody is counted.
        </p>
      </footer>
    </div>
  );
}
