const problems = {
  failed: {
    title: "That sign-in did not work",
    detail:
      "Something did not fit together. Try again; if it happens again, whoever runs this server finds more in its log.",
  },
  expired: {
    title: "That sign-in took too long",
    detail: "It has to be finished in the same browser, within ten minutes. Start again, and you are in.",
  },
  refused: {
    title: "You were not signed in",
    detail: "The sign-in was turned down or called off. Nothing has changed.",
  },
  unavailable: {
    title: "Signing in is not possible right now",
    detail: "The service that signs people in does not answer. Try again in a moment.",
  },
} as const;

export type SignInProblem = keyof typeof problems;

const isSignInProblem = (text: string): text is SignInProblem => Object.hasOwn(problems, text);

/** What `?sign-in=` says went wrong, in words: from a closed list, so that a link can make the page say nothing else. */
export function signInProblemOf(search: string): (typeof problems)[SignInProblem] | undefined {
  const value = new URLSearchParams(search).get("sign-in");
  return value !== null && isSignInProblem(value) ? problems[value] : undefined;
}
