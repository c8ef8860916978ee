/** Where a person goes to sign in, or to make an account first; they come back to `returnTo`, a path here. */
export function signInAddress({
  returnTo,
  create,
}: {
  readonly returnTo: string;
  readonly create: boolean;
}): string {
  const query = new URLSearchParams({ return: returnTo, ...(create && { create: "1" }) });
  return `/session/sign-in?${query}`;
}
