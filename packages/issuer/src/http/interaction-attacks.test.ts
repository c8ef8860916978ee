import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import {
  clientAnswer,
  formAction,
  newFlow,
  phrase,
  serveIssuer,
  signIn,
} from "../testing/served-issuer.testing.ts";
import { openTestBrowser } from "../testing/test-browser.testing.ts";

const annForm = { email: "ann@example.com", password: phrase };

test("a sign-in that another browser began can't be finished here, whatever its address", async (t) => {
  const served = await serveIssuer(t);
  await served.issuer.addAccount(annForm);
  const attacker = openTestBrowser();
  const action = await formAction(
    await attacker.follow(await attacker.get(newFlow(served).url), served.issuerUrl),
  );
  const victim = openTestBrowser();
  for (const url of [action, action.replace("/sign-in", ""), action.replace("/sign-in", "/sign-up")]) {
    const response = await victim.post(url, annForm);
    assert.equal(response.status, 400);
    assert.match(await response.text(), /This sign-in has ended/);
  }
  // Nor with a cookie of its own for another sign-in.
  await victim.get(newFlow(served).url);
  const cookie = victim.cookies.find(({ name }) => name.includes("interaction"));
  const crossed = await victim.post(action, annForm, { cookie: `${cookie?.name}=${cookie?.value}` });
  assert.equal(crossed.status, 400);
  // Nor by going on where the attacker's would.
  const uid = /interaction\/([\w-]+)/.exec(action)?.[1];
  assert.equal((await victim.get(`${served.issuerUrl}/auth/${uid}`)).status, 400);
});

test("a form that another site's page sends is not read", async (t) => {
  const served = await serveIssuer(t);
  await served.issuer.addAccount(annForm);
  const browser = openTestBrowser();
  const page = await browser.follow(await browser.get(newFlow(served).url), served.issuerUrl);
  const action = await formAction(page);
  for (const headers of [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: `${served.origin}.evil.example` },
    { origin: served.origin.replace("localhost", "127.0.0.1") },
  ])
    assert.equal((await browser.post(action, annForm, headers)).status, 403, headers.origin);
  assert.equal((await browser.post(action, annForm)).status, 303);
});

test("who signs in gets a session under a new name; one that was planted is never taken up", async (t) => {
  const served = await serveIssuer(t);
  await served.issuer.addAccount(annForm);
  const browser = openTestBrowser();
  const name = `stowage-issuer-${served.port}`;
  const planted = "A".repeat(43);
  const sessionOf = () => browser.cookies.find((cookie) => cookie.name === name)?.value;
  const page = await browser.follow(
    await browser.get(newFlow(served).url, { cookie: `${name}=${planted}` }),
    served.issuerUrl,
  );
  await browser.follow(await browser.post(await formAction(page), annForm), served.issuerUrl);
  const first = sessionOf();
  assert.ok(first && first !== planted);

  await signIn(served, browser, newFlow(served, { prompt: "login" }));
  const second = sessionOf();
  assert.ok(second && second !== first);
  const old = await openTestBrowser().get(newFlow(served, { prompt: "none" }).url, {
    cookie: `${name}=${first}`,
  });
  assert.equal(clientAnswer(old).get("error"), "login_required");
});

test("cookies are HttpOnly, Lax and named for the port; on https they are Secure and the session's is __Host-", async (t) => {
  const plain = await serveIssuer(t);
  const secure = await serveIssuer(t, { issuerUrl: "https://files.example/oidc" });
  await secure.issuer.addAccount(annForm);
  const http = await fetch(newFlow(plain).url, { redirect: "manual" });
  const https = await fetch(
    newFlow({ issuerUrl: `${secure.origin}/oidc`, webRedirect: "https://files.example/session/callback" })
      .url,
    { redirect: "manual" },
  );
  const lines = [...http.headers.getSetCookie(), ...https.headers.getSetCookie()];
  assert.equal(lines.length, 4, lines.join("\n"));
  for (const line of lines) assert.match(line, /; httponly/i);
  for (const line of lines) assert.match(line, /; samesite=lax/i);
  for (const line of http.headers.getSetCookie()) {
    assert.match(line, new RegExp(`^stowage-(interaction|resume)-${plain.port}=`));
    assert.doesNotMatch(line, /; secure/i);
  }
  for (const line of https.headers.getSetCookie()) assert.match(line, /^__Secure-stowage-.*; secure/i);
  assert.match(https.headers.get("location") ?? "", /^\/oidc\/interaction\//);

  const browser = openTestBrowser();
  await browser.get(
    newFlow({ issuerUrl: `${secure.origin}/oidc`, webRedirect: "https://files.example/session/callback" })
      .url,
  );
  const path = browser.cookies.find(({ name }) => name.includes("interaction"))?.path ?? "";
  const signedIn = await browser.post(`${secure.origin}${path}/sign-in`, annForm, {
    origin: "https://files.example",
  });
  assert.equal(signedIn.status, 303, await signedIn.text());
  assert.match(
    signedIn.headers.getSetCookie().join("\n"),
    /^__Host-stowage-browser=[\w-]{22}; Path=\/; .*Secure$/,
  );
  const location = signedIn.headers.get("location") ?? "";
  assert.match(location, /^https:\/\/files\.example\/oidc\/auth\//);
  const back = await browser.get(location.replace("https://files.example", secure.origin));
  const session = back.headers.getSetCookie().find((line) => line.includes("stowage-issuer")) ?? "";
  assert.match(session, /^__Host-stowage-issuer=[\w-]+; path=\/; .*secure; httponly/i);
});

test("every page has a policy without script, is framed by nobody and kept nowhere; forms lead to us and the client alone", async (t) => {
  const served = await serveIssuer(t);
  const cli = openTestBrowser();
  const pages = [
    await cli.follow(await cli.get(newFlow(served, { client_id: "stowage-cli" }).url), served.issuerUrl),
    await fetch(`${served.issuerUrl}/interaction/none`),
    await fetch(`${served.issuerUrl}/sign-up/none`),
    await fetch(`${served.issuerUrl}/auth`, { headers: { accept: "text/html" } }),
    await fetch(`${served.issuerUrl}/end-session/success`, { headers: { accept: "text/html" } }),
  ];
  for (const page of pages) {
    const text = await page.clone().text();
    assert.match(page.headers.get("content-type") ?? "", /^text\/html; charset=utf-8$/);
    const policy = page.headers.get("content-security-policy") ?? "";
    assert.match(
      policy,
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; font-src 'self'; form-action 'self'/,
    );
    assert.match(policy, /frame-ancestors 'none'; base-uri 'none'$/);
    assert.equal(page.headers.get("cache-control"), "no-store");
    assert.equal(page.headers.get("referrer-policy"), "same-origin");
    assert.equal(page.headers.get("x-content-type-options"), "nosniff");
    assert.match(text, /<html lang="en">/);
    assert.match(text, /<title>[^<]+ – Stowage<\/title>/);
    assert.doesNotMatch(text, /<script|javascript:| on[a-z]+=/i);
  }
  assert.match(
    pages[0]?.headers.get("content-security-policy") ?? "",
    /form-action 'self' http:\/\/127\.0\.0\.1:49152;/,
  );
  assert.match(pages[1]?.headers.get("content-security-policy") ?? "", /form-action 'self';/);
});

test("what a stranger puts into an address comes back as text", async (t) => {
  const served = await serveIssuer(t);
  const evil = `"><script>alert(1)</script>`;
  const urls = [
    newFlow(served, { login_hint: evil }).url,
    newFlow(served, { client_id: evil }).url,
    newFlow(served, { redirect_uri: evil }).url,
    `${served.issuerUrl}/sign-up/${encodeURIComponent(evil)}`,
    `${served.issuerUrl}/interaction/${encodeURIComponent(evil)}`,
    `${served.issuerUrl}/end-session?id_token_hint=${encodeURIComponent(evil)}`,
    `${served.issuerUrl}/end-session?client_id=${encodeURIComponent(evil)}`,
  ];
  for (const url of urls) {
    const browser = openTestBrowser();
    const text = await (await browser.follow(await browser.get(url), served.issuerUrl)).text();
    assert.doesNotMatch(text, /<script/i, url);
  }
  const browser = openTestBrowser();
  const page = await browser.follow(await browser.get(urls[0] ?? ""), served.issuerUrl);
  assert.match(await page.text(), /value="&quot;&gt;&lt;script&gt;/);
});

test("a form that is too large, of another type or with parameters twice is refused, and the next one is read", async (t) => {
  const served = await serveIssuer(t);
  await served.issuer.addAccount(annForm);
  const browser = openTestBrowser();
  const action = await formAction(
    await browser.follow(await browser.get(newFlow(served).url), served.issuerUrl),
  );
  const cookie = browser.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const send = (
    body: string | URLSearchParams | ReadableStream,
    type = "application/x-www-form-urlencoded",
  ) =>
    fetch(action, {
      method: "POST",
      redirect: "manual",
      headers: { cookie, origin: served.origin, "content-type": type },
      body,
      ...(body instanceof ReadableStream && { duplex: "half" as const }),
    });
  assert.equal((await send(`password=${"x".repeat(20_000)}`)).status, 413);
  assert.equal((await send("{}", "application/json")).status, 415);
  assert.equal((await send("x", "multipart/form-data; boundary=x")).status, 415);
  let sent = 0;
  const endless = new ReadableStream({
    pull(controller) {
      sent += 1;
      if (sent > 100) controller.close();
      else controller.enqueue(new TextEncoder().encode("a=b&".repeat(1000)));
    },
  });
  const status = await send(endless).then(
    (response) => response.status,
    () => 413,
  );
  assert.equal(status, 413);
  const twice = new URLSearchParams([
    ["email", "ann@example.com"],
    ["password", phrase],
    ["email", "eve@example.com"],
  ]);
  assert.equal((await send(twice)).status, 303);
  const token = await fetch(`${served.issuerUrl}/token`, {
    method: "POST",
    body: "x=y&".repeat(20_000),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  assert.equal(token.status, 400);
  assert.deepEqual(
    served.events.filter(({ type }) => type === "error"),
    [],
  );
});

test("a body that does not come to its end is ended", async (t) => {
  const served = await serveIssuer(t, { bodyTimeoutMs: 50 });
  for (const path of ["/oidc/token", "/oidc/revocation", "/oidc/interaction/none/sign-in"]) {
    const socket = connect(served.port, "localhost");
    t.after(() => socket.destroy());
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\na=`,
    );
    let answer = "";
    for await (const piece of socket) answer += piece;
    assert.match(answer, /^HTTP\/1\.1 (408|400)/, path);
  }
});
