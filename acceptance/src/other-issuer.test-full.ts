import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, makeToken, type Person } from "./harness/add-person.ts";
import { type Api, assertProblem, createApi } from "./harness/api-client.ts";
import {
  askTokenEndpoint,
  authorizationUrl,
  authorize,
  cliRedirect,
  makeFlowSecrets,
} from "./harness/code-flow.ts";
import {
  authenticateToken,
  type Claims,
  type DecodedToken,
  decodeToken,
  readSigningKey,
  signToken,
  unsignedToken,
} from "./harness/forge-token.ts";
import { freePortPair } from "./harness/free-ports.ts";
import { makePng } from "./harness/images.ts";
import { startLogin } from "./harness/login-command.ts";
import { type OtherProvider, publicKeyOf, startOtherProvider } from "./harness/other-provider.ts";
import { jsonLines, makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { createScriptLessBrowser } from "./harness/script-less-browser.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { Me, Page, Upload } from "./harness/wire.ts";

let other: OtherProvider;
let server: Server;
/** Of the built-in issuer. */
let ours: Person;
/** What the page gets for somebody of the other one. */
let pageToken: string;

before(async () => {
  const port = await freePortPair();
  other = await startOtherProvider(`http://localhost:${port}`);
  server = await startServer({ port, set: { issuers: JSON.stringify([other.entry]) } });
  ours = await addPerson(server);
});
after(async () => {
  await server?.stop();
  await other?.stop();
});

interface TokenForPage {
  readonly accessToken: string;
  readonly account: { readonly subject: string };
}

/** Signs in at the page's session as whoever is next at the other provider. */
async function signInToPage(at = server): Promise<TokenForPage> {
  const browser = createScriptLessBrowser(at.web);
  const end = await browser.follow("/session/sign-in");
  assert.equal(end.url.href, `${at.web}/`, end.text.slice(0, 500));
  const { status, text } = await browser.askForToken();
  assert.equal(status, 200, text);
  return JSON.parse(text) as TokenForPage;
}

const meOf = async (token: string): Promise<Me> => {
  const { status, text, body } = await createApi(server.api, token).get<Me>("/v1/me");
  assert.equal(status, 200, text);
  return body;
};

test("the page signs in with the other provider, and its token brings a file to ready", async () => {
  const { accessToken, account } = await signInToPage();
  pageToken = accessToken;
  const { header, claims } = decodeToken(accessToken);
  assert.deepEqual([header.alg, header.typ], ["ES256", "JWT"]);
  assert.deepEqual([claims.aud, claims.client_id], [undefined, "photos-web"]);
  assert.match(String(claims.scope), /photos\/files:read/);

  const me = await meOf(accessToken);
  assert.equal(account.subject, "ann");
  assert.deepEqual(
    [me.issuer, me.subject, me.email, me.name],
    [other.issuer, "ann", "ann@other.example", "Ann"],
  );
  assert.deepEqual(me.scopes, ["files:read", "files:write", "uploads:write"]);
  const api = createApi(server.api, accessToken);
  const ready = await uploadToEnd(api, await makePng());
  assert.equal(ready.state, "ready");
  assert.equal((await api.get(`/v1/files/${ready.fileId}/content`)).status, 302);
});

interface ResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported: readonly string[];
  readonly stowage_clients: {
    readonly cli?: { readonly issuer: string; readonly client_id: string; readonly scope: string };
  };
}

test("a client finds the provider by the challenge, signs in as told, and comes in", async () => {
  const refused = await createApi(server.api).get("/v1/me");
  const challenge = refused.headers.get("www-authenticate") ?? "";
  const [, address = ""] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
  assert.equal(address, `${server.api}/.well-known/oauth-protected-resource`);
  const answer = await fetch(address, { headers: { origin: "https://anywhere.example" } });
  assert.equal(answer.headers.get("access-control-allow-origin"), "*");
  const metadata = (await answer.json()) as ResourceMetadata;
  assert.equal(metadata.resource, server.api);
  assert.deepEqual(metadata.authorization_servers, [other.issuer, server.issuer]);
  assert.ok(metadata.scopes_supported.includes("photos/files:read"));
  const { cli } = metadata.stowage_clients;
  assert.ok(cli);
  assert.deepEqual([cli.issuer, cli.client_id], [other.issuer, "photos-cli"]);

  const secrets = makeFlowSecrets();
  const asked = { client_id: cli.client_id, scope: cli.scope };
  const browser = createScriptLessBrowser(server.web);
  const back = await authorize(browser, authorizationUrl(cli.issuer, secrets, asked));
  const { status, body } = await askTokenEndpoint(cli.issuer, {
    client_id: cli.client_id,
    grant_type: "authorization_code",
    code: back.searchParams.get("code") ?? "",
    redirect_uri: cliRedirect,
    code_verifier: secrets.verifier,
  });
  assert.equal(status, 200, JSON.stringify(body));
  const me = await meOf(body.access_token ?? "");
  assert.equal(me.id, (await meOf(pageToken)).id, "page and command line are one person");
  // What the same keys sign for the same client beside it.
  for (const [what, token] of [
    ["ID token", body.id_token],
    ["refresh token", body.refresh_token],
  ] as const) {
    assert.ok(token, what);
    assertProblem(await createApi(server.api, token).get("/v1/me"), 401, "unauthenticated");
  }
});

test("stowage login signs in with the other provider, and put and ls work by it", async () => {
  const home = await makeFolder("home");
  const env = { STOWAGE_SERVER: server.api, HOME: home, XDG_CONFIG_HOME: join(home, ".config") };
  const stowage = (...args: string[]) => runCli(args, { env });
  try {
    other.person = { subject: "bea", mail: "bea@other.example", displayname: "Bea" };
    const login = await startLogin({ env });
    assert.ok(login.authorizationUrl.startsWith(other.issuer));
    const page = await createScriptLessBrowser(server.web).follow(login.authorizationUrl);
    assert.match(page.text, /You are signed in/);
    const { status, stderr } = await login.result();
    assert.equal(status, 0, stderr);
    const photo = join(home, "beach.png");
    writeFileSync(photo, await makePng());
    const put = await stowage("put", photo, "--json");
    assert.equal(jsonLines<{ state: string }>(put.stdout)[0]?.state, "ready", put.stderr);
    assert.match((await stowage("ls")).stdout, /beach\.png/);
    assert.match((await stowage("whoami")).stdout, /bea@other\.example/);
    const logout = await stowage("logout");
    assert.equal(logout.status, 0, logout.stderr);
    assert.equal((await stowage("ls")).status, 4);
  } finally {
    await removeFolder(home);
  }
});

test("people of the built-in issuer come in as before", async () => {
  const ready = await uploadToEnd(ours.api, await makePng());
  assert.equal(ready.state, "ready");
  assert.equal((await meOf(ours.token)).issuer, server.issuer);
});

const namesOf = async (api: Api, path: string) =>
  (await api.get<Page<{ id: string }>>(path)).body.items.map(({ id }) => id);

test("the same subject at two issuers is two people, who see nothing of one another's", async () => {
  const { subject } = await meOf(ours.token);
  other.person = { subject, mail: ours.email, displayname: "The same" };
  const { accessToken } = await signInToPage();
  const theirs = createApi(server.api, accessToken);
  const [mine, yours] = [await meOf(ours.token), await meOf(accessToken)];
  assert.deepEqual([mine.subject, mine.email], [yours.subject, yours.email]);
  assert.notEqual(mine.id, yours.id);

  const owners = [ours.api, theirs] as const;
  const files: Upload[] = [];
  for (const owner of owners) files.push(await uploadToEnd(owner, await makePng()));
  for (const [index, stranger] of [theirs, ours.api].entries()) {
    const file = files[index];
    assert.ok(file);
    assert.ok(!(await namesOf(stranger, "/v1/files")).includes(file.fileId));
    assert.ok(!(await namesOf(stranger, "/v1/uploads")).includes(file.id));
    for (const path of [
      `/v1/files/${file.fileId}`,
      `/v1/files/${file.fileId}/content`,
      `/v1/uploads/${file.id}`,
    ])
      assertProblem(await stranger.get(path), 404, "not-found");
    const headers = { "if-match": '"1"' };
    assertProblem(await stranger.delete(`/v1/files/${file.fileId}`, headers), 404, "not-found");
    const downloads = await stranger.post<{ items: { problem?: { code: string } }[] }>("/v1/downloads", {
      files: [{ id: file.fileId }],
    });
    assert.equal(downloads.body.items[0]?.problem?.code, "not-found");
  }
  const { usedBytes } = await meOf(accessToken);
  assert.ok(usedBytes > 0 && usedBytes < (await meOf(ours.token)).usedBytes + 1);
});

const strangeKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

/** A token as the provider makes them, changed in one thing. */
function bend(change: { readonly header?: Claims; readonly claims?: Claims } = {}): DecodedToken {
  const genuine = decodeToken(pageToken);
  return {
    header: { ...genuine.header, ...change.header },
    claims: { ...genuine.claims, jti: randomUUID(), ...change.claims },
  };
}
const bent = (change: Parameters<typeof bend>[0]): string => {
  const { header, claims } = bend(change);
  return other.sign(header, claims);
};
const nowSeconds = () => Math.floor(Date.now() / 1000);

const forgeries: readonly (readonly [string, () => string])[] = [
  ...["none", "NONE", ""].map(
    (alg) => [`alg ${JSON.stringify(alg)}`, () => unsignedToken(bend({ header: { alg } }))] as const,
  ),
  ...(["pem", "der"] as const).map(
    (format) =>
      [
        `HS256 with the public key (${format}) as its secret`,
        () => {
          const key = publicKeyOf(other);
          const secret =
            format === "pem" ? key.export({ type: "spki", format }) : key.export({ type: "spki", format });
          return authenticateToken(bend({ header: { alg: "HS256" } }), secret);
        },
      ] as const,
  ),
  [
    "the built-in issuer's key",
    () => signToken(bend({ header: { alg: "RS256" } }), readSigningKey(server.dataDir)),
  ],
  [
    "the built-in issuer's key and key id",
    () => {
      const { kid } = decodeToken(ours.token).header;
      return signToken(bend({ header: { alg: "RS256", kid } }), readSigningKey(server.dataDir));
    },
  ],
  [
    "the built-in issuer's name under the other's key",
    () => {
      const { header, claims } = decodeToken(ours.token);
      return other.sign({ ...header, alg: "ES256", kid: "of-the-other" }, claims);
    },
  ],
  [
    "the built-in issuer's audience and type under the other's key",
    () => bent({ header: { typ: "at+jwt" }, claims: { aud: server.api, client_id: "stowage-web" } }),
  ],
  [
    "another key under its key id",
    () => {
      const { header, claims } = bend();
      return other.sign(header, claims, strangeKey);
    },
  ],
  [
    "its own key in its header",
    () => {
      const jwk = createPublicKey(strangeKey).export({ format: "jwk" });
      const { header, claims } = bend({ header: { jwk, kid: undefined } });
      return other.sign(header, claims, strangeKey);
    },
  ],
  [
    "links to keys in its header",
    () => bent({ header: { kid: "mine", jku: `${other.issuer}/x`, x5u: other.issuer } }),
  ],
  ["another key id", () => bent({ header: { kid: "../../dev/null" } })],
  ["a critical header", () => bent({ header: { crit: ["exp2"], exp2: 1 } })],
  ["another client", () => bent({ claims: { client_id: "somebody-elses-app" } })],
  ["no client", () => bent({ claims: { client_id: undefined } })],
  ["its audience where others have it", () => bent({ claims: { client_id: undefined, aud: "photos-web" } })],
  ["an ID token's use", () => bent({ claims: { token_use: "id" } })],
  ["no use", () => bent({ claims: { token_use: undefined } })],
  ["another issuer", () => bent({ claims: { iss: "https://issuer.example.test" } })],
  ["its issuer with a slash more", () => bent({ claims: { iss: `${other.issuer}/` } })],
  ["an end in the past", () => bent({ claims: { exp: nowSeconds() - 60 } })],
  ["no end", () => bent({ claims: { exp: undefined } })],
  ["a beginning in the future", () => bent({ claims: { nbf: nowSeconds() + 600 } })],
  ["no subject", () => bent({ claims: { sub: undefined } })],
  ["a bond to a key", () => bent({ claims: { cnf: { jkt: "a" } } })],
];

test("a token that is signed as the provider signs is believed, so that the refusals below mean something", async () => {
  assert.equal((await meOf(bent({}))).subject, "ann");
});

for (const [what, forge] of forgeries)
  test(`a token of the other provider with ${what} is 401`, async () => {
    const token = forge();
    assertProblem(await createApi(server.api, token).get("/v1/me"), 401, "unauthenticated");
    assertProblem(
      await createApi(server.api, token).post("/v1/uploads", { files: [] }),
      401,
      "unauthenticated",
    );
  });

test("scopes without the prefix are none", async () => {
  const token = bent({ claims: { scope: "openid files:read files:write uploads:write" } });
  assert.deepEqual((await meOf(token)).scopes, []);
  assertProblem(await createApi(server.api, token).get("/v1/files"), 403, "insufficient-scope");
});

test("a thousand random key ids of both issuers cost the other one fetch, and nobody waits", async () => {
  await meOf(bent({}));
  const from = performance.now();
  const before = other.requests.filter((each) => each.endsWith("/jwks")).length;
  const embedded = decodeToken(ours.token);
  for (let batch = 0; batch < 20; batch += 1) {
    const forged = Array.from({ length: 50 }, (_, index) => {
      const kid = randomUUID();
      return index % 2 === 0
        ? bent({ header: { kid } })
        : signToken({ ...embedded, header: { ...embedded.header, kid } }, generatedRsaKey);
    });
    const answers = forged.map((token) => createApi(server.api, token).get("/v1/me"));
    assert.equal((await meOf(bent({}))).subject, "ann");
    assert.equal((await meOf(await makeOwnToken())).issuer, server.issuer);
    for (const answer of await Promise.all(answers)) assertProblem(answer, 401, "unauthenticated");
  }
  const fetched = other.requests.filter((each) => each.endsWith("/jwks")).length - before;
  const cooldowns = 1 + Math.floor((performance.now() - from) / 30_000);
  assert.ok(fetched <= cooldowns, `${fetched} fetches in ${cooldowns} cooldowns`);
});

const generatedRsaKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const makeOwnToken = async () => {
  const { header, claims } = decodeToken(ours.token);
  return signToken({ header, claims: { ...claims, jti: randomUUID() } }, readSigningKey(server.dataDir));
};

test("while the provider is silent, its people and ours go on working", async () => {
  other.intercept = (_path, response) => {
    response.writeHead(503).end();
    return true;
  };
  try {
    const me = await meOf(bent({}));
    assert.deepEqual([me.subject, me.email, me.name], ["ann", "ann@other.example", "Ann"]);
    assert.equal((await meOf(await makeOwnToken())).issuer, server.issuer);
    // Somebody who comes for the first time is not turned away for an e-mail that can't be had.
    assert.equal((await meOf(bent({ claims: { sub: "new-here" } }))).email, undefined);
  } finally {
    other.intercept = undefined;
  }
});

test("what userinfo says of somebody else is not believed", async () => {
  other.intercept = (path, response) => {
    if (path !== "/me") return false;
    response.setHeader("content-type", "application/json").end('{"sub":"bob","mail":"bob@other.example"}');
    return true;
  };
  try {
    // It is asked again only some seconds after it failed in the test before.
    await waitFor(
      "the token to be refused",
      async () => {
        const answer = await createApi(server.api, bent({})).get<Me>("/v1/me");
        if (answer.status === 200) assert.equal(answer.body.email, "ann@other.example");
        else assertProblem(answer, 401, "unauthenticated");
        return answer.status === 401;
      },
      { timeoutMs: 30_000, everyMs: 500 },
    );
  } finally {
    other.intercept = undefined;
  }
});

test("neither config nor the log tells the client's secret", async () => {
  const secret = String(other.entry.webClientSecret);
  const dataDir = await makeFolder("config");
  try {
    writeFileSync(join(dataDir, "stowage.json"), JSON.stringify({ issuers: [other.entry] }));
    for (const args of [["config"], ["config", "--json"], ["doctor"], ["doctor", "--json"]]) {
      const { stdout, stderr } = await runCli([...args, "--data", dataDir]);
      assert.ok(stdout.includes(other.issuer), `${args}: ${stdout}${stderr}`);
      assert.ok(!`${stdout}${stderr}`.includes(secret), args.join(" "));
    }
    const wrong = JSON.stringify([{ ...other.entry, scopeprefix: "a" }]);
    const { status, stderr } = await runCli([
      "up",
      "--data",
      dataDir,
      "--port",
      "0",
      "--set",
      `issuers=${wrong}`,
    ]);
    assert.equal(status, 2, stderr);
    assert.match(stderr, /issuers is wrong in entry 1 \(http:.*\): there is no member "scopeprefix"/);
    assert.ok(!stderr.includes(secret));
    assert.ok(!server.log().includes(secret));
  } finally {
    await removeFolder(dataDir);
  }
});

interface Diagnosis {
  readonly check: string;
  readonly status: string;
  readonly detail: string;
}

test("doctor looks at each issuer", async () => {
  const dataDir = await makeFolder("doctor");
  const diagnose = async (entry: object) => {
    writeFileSync(join(dataDir, "stowage.json"), JSON.stringify({ issuers: [entry] }));
    const { stdout } = await runCli(["doctor", "--json", "--data", dataDir]);
    return jsonLines<Diagnosis>(stdout).find(({ check }) => check === "issuers");
  };
  try {
    const good = await diagnose(other.entry);
    assert.equal(good?.status, "ok", good?.detail);
    const bad = await diagnose({ ...other.entry, algorithms: ["RS256"] });
    assert.equal(bad?.status, "failed");
    assert.match(bad?.detail ?? "", /no key .* RS256/);
  } finally {
    await removeFolder(dataDir);
  }
});

test("without the built-in issuer the other one is the only way in", async () => {
  const port = await freePortPair();
  const alone = await startOtherProvider(`http://localhost:${port}`);
  const set = { issuers: JSON.stringify([alone.entry]), "issuer.enabled": "false" };
  const only = await startServer({ port, set });
  try {
    assert.equal(only.issuer, alone.issuer);
    const { accessToken } = await signInToPage(only);
    assert.equal((await createApi(only.api, accessToken).get("/v1/me")).status, 200);
    const discovery = await fetch(`${only.web}/oidc/.well-known/openid-configuration`);
    assert.equal(discovery.status, 404);
    await runCli(["user", "add", "ada@example.test", "--data", only.dataDir]);
    await assert.rejects(makeToken(only, "ada@example.test"), /built-in issuer is off/);
    // One that is signed with its key all the same.
    const { header, claims } = decodeToken(ours.token);
    const forged = { header, claims: { ...claims, iss: `${only.web}/oidc`, aud: only.api } };
    const token = signToken(forged, readSigningKey(only.dataDir));
    assertProblem(await createApi(only.api, token).get("/v1/me"), 401, "unauthenticated");
  } finally {
    await only.stop();
    await alone.stop();
  }
});
