export type SignUp = "open" | "invited" | "none";

/**
 * Who can make an account on this server: anyone, whoever was invited, or nobody. A page that says nothing of it leaves it
 * to the sign-in pages.
 *
 * @param said the page's `stowage-sign-up`
 */
export const whoMaySignUp = (said: string | undefined): SignUp =>
  said === "invited" || said === "none" ? said : "open";
