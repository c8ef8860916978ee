import { describeWait } from "./describe-wait.ts";
import type { FormProblem } from "./form-parts.ts";

/** Says no more than that: which of the two is wrong, or whether there is an account, is nobody's business. */
export const wrongPassword: FormProblem = { summary: "The e-mail address or the password is not right." };

export const tooManyTries = (waitSeconds: number | undefined): FormProblem => ({
  summary:
    waitSeconds === undefined
      ? "Too many wrong passwords were tried. Sign in with a browser that you have used before, or ask who runs this Stowage for a new password."
      : `Too many tries from here. Try again in ${describeWait(waitSeconds)}.`,
});

export const busy: FormProblem = {
  summary: "Much is going on here just now. Nothing was done; try again in some seconds.",
};
