/** Where a browser ends up that follows redirects, with a jar of cookies. Stops before `until`. For tests. */
export async function followRedirects(
  start: string,
  until: (url: URL) => boolean,
  jar = new Map<string, string>(),
): Promise<URL> {
  let url = new URL(start);
  for (let hops = 0; hops < 10; hops += 1) {
    if (until(url)) return url;
    const response = await fetch(url, {
      redirect: "manual",
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ""] = cookie.split(";");
      const at = pair.indexOf("=");
      jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const location = response.headers.get("location");
    if (location === null) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    await response.arrayBuffer();
    url = new URL(location, url);
  }
  throw new Error("Redirects without an end.");
}
