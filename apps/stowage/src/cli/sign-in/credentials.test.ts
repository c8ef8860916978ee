import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Credentials, isDue, isExpired, parseCredentials } from "./credentials.ts";

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const ms = (seconds: number) => Date.parse(at(seconds));

test("a token is renewed a minute before its end, or in the last fifth of a short life", () => {
  const ofTenMinutes = { value: "t", obtainedAt: at(0), expiresAt: at(600) };
  assert.deepEqual(
    [539, 540, 600].map((now) => isDue(ofTenMinutes, ms(now))),
    [false, true, true],
  );
  const ofTenSeconds = { value: "t", obtainedAt: at(0), expiresAt: at(10) };
  assert.deepEqual(
    [7, 8].map((now) => isDue(ofTenSeconds, ms(now))),
    [false, true],
  );
  assert.deepEqual(
    [599, 600].map((now) => isExpired(ofTenMinutes, ms(now))),
    [false, true],
  );
});

test("a token of which the issuer said no end is good until it is refused", () => {
  const token = { value: "t", obtainedAt: at(0) };
  assert.deepEqual([isDue(token, ms(1e9)), isExpired(token, ms(1e9))], [false, false]);
});

const text = fc.string({ minLength: 1 });
const time = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
  .map((date) => date.toISOString());
const credentials: fc.Arbitrary<Credentials> = fc
  .record(
    {
      issuer: text,
      clientId: text,
      subject: text,
      email: text,
      resource: text,
      insecureHttp: fc.constant<true>(true),
      signedInAt: time,
      refreshToken: text,
      accessToken: fc.record(
        { value: text, obtainedAt: time, expiresAt: time },
        { requiredKeys: ["value", "obtainedAt"] },
      ),
    },
    { requiredKeys: ["issuer", "clientId", "subject", "signedInAt", "accessToken"] },
  )
  .map((value) => value as Credentials);

test("what was written is read again as it was", () => {
  fc.assert(
    fc.property(credentials, (value) => {
      assert.deepEqual(
        parseCredentials(JSON.parse(JSON.stringify(value))),
        JSON.parse(JSON.stringify(value)),
      );
    }),
  );
});

test("anything else is nothing", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => assert.equal(parseCredentials(value), undefined)));
  fc.assert(
    fc.property(
      credentials,
      fc.constantFrom("issuer", "clientId", "subject", "signedInAt", "accessToken"),
      fc.constantFrom(undefined, null, 7, "", []),
      (value, member, wrong) =>
        assert.equal(parseCredentials({ ...value, [member]: wrong } as unknown), undefined),
    ),
  );
});
