/** Who can make an account on this server, as its page says: anyone, whoever was invited, or nobody. */
export function whoMaySignUp(page: Pick<Document, "querySelector">): "open" | "invited" | "none" {
  const said = page.querySelector<HTMLMetaElement>('meta[name="stowage-sign-up"]')?.content;
  return said === "invited" || said === "none" ? said : "open";
}
