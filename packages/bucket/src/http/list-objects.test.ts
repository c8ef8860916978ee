import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startTestBucket } from "../testing/test-bucket.ts";

async function start(t: TestContext, keys: readonly string[]) {
  const bucket = await startTestBucket(t);
  for (const key of keys) await bucket.put(encodeURIComponent(key), key);
  const list = async (query: string) => String((await bucket.signed("GET", `?${query}`)).body);
  return { bucket, list };
}

const textsOf = (name: string, xml: string) =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(([, text]) => text);
const keysIn = (xml: string) => textsOf("Key", xml);
const prefixesIn = (xml: string) =>
  [...xml.matchAll(/<CommonPrefixes><Prefix>(.*?)<\/Prefix>/g)].map(([, prefix]) => prefix);

test("a listing is in the order of the keys, page by page", async (t) => {
  const { list } = await start(t, ["a/1", "a/2", "a/3", "b", "b&<c>"]);
  assert.deepEqual(keysIn(await list("list-type=2")), ["a/1", "a/2", "a/3", "b", "b&amp;&lt;c&gt;"]);
  assert.deepEqual(keysIn(await list("list-type=2&prefix=a%2F")), ["a/1", "a/2", "a/3"]);
  assert.deepEqual(keysIn(await list("list-type=2&start-after=a%2F2")), ["a/3", "b", "b&amp;&lt;c&gt;"]);
  const first = await list("list-type=2&max-keys=2");
  assert.deepEqual(keysIn(first), ["a/1", "a/2"]);
  assert.match(first, /<KeyCount>2<\/KeyCount>.*<MaxKeys>2<\/MaxKeys><IsTruncated>true<\/IsTruncated>/);
  assert.match(first, /<Size>3<\/Size>/);
  const [token] = textsOf("NextContinuationToken", first);
  const second = await list(`list-type=2&max-keys=3&continuation-token=${token}`);
  assert.deepEqual(keysIn(second), ["a/3", "b", "b&amp;&lt;c&gt;"]);
  assert.match(second, /<IsTruncated>false<\/IsTruncated>/);
  const none = await list("list-type=2&max-keys=0");
  assert.match(none, /<KeyCount>0<\/KeyCount>.*<IsTruncated>false<\/IsTruncated>/);
  assert.match(await list("list-type=2&max-keys=5000"), /<MaxKeys>1000<\/MaxKeys>/);
});

test("keys and prefixes are percent-encoded for those who ask", async (t) => {
  const { list } = await start(t, ["(a)*/b c", "d\u0001e", "ä+%"]);
  const xml = await list("list-type=2&encoding-type=url&delimiter=%2F&prefix=");
  assert.deepEqual(keysIn(xml), ["d%01e", "%C3%A4%2B%25"]);
  assert.deepEqual(prefixesIn(xml), ["%28a%29%2A/"]);
  assert.deepEqual(textsOf("Delimiter", xml), ["/"]);
});

test("owners are told in the first version, and in the second to those who ask", async (t) => {
  const { list } = await start(t, ["a"]);
  const withOwner = /<Contents>.*<Owner><ID>stowage<\/ID>.*<\/Contents>/;
  assert.match(await list(""), withOwner);
  assert.match(await list("list-type=2&fetch-owner=true"), withOwner);
  assert.doesNotMatch(await list("list-type=2"), /<Owner>/);
});

for (const version of ["1", "2"])
  test(`folders are listed once, and counted as keys are, page by page (version ${version})`, async (t) => {
    const { list } = await start(t, ["a", "b/1", "b/2", "b/c/1", "c/", "d", "e/1"]);
    const type = version === "2" ? "list-type=2&" : "";
    const pages: (readonly (string | undefined)[])[] = [];
    for (let next = "", more = true; more; ) {
      const xml = await list(`${type}delimiter=%2F&max-keys=2${next}`);
      pages.push([...keysIn(xml), ...prefixesIn(xml)]);
      more = textsOf("IsTruncated", xml)[0] === "true";
      next =
        version === "2"
          ? `&continuation-token=${textsOf("NextContinuationToken", xml)[0]}`
          : `&marker=${encodeURIComponent(textsOf("NextMarker", xml)[0] ?? "")}`;
    }
    assert.deepEqual(pages, [["a", "b/"], ["d", "c/"], ["e/"]]);
    const within = await list(`${type}delimiter=%2F&prefix=b%2F`);
    assert.deepEqual([keysIn(within), prefixesIn(within)], [["b/1", "b/2"], ["b/c/"]]);
    const other = await list(`${type}delimiter=1&prefix=b`);
    assert.deepEqual([keysIn(other), prefixesIn(other)], [["b/2"], ["b/1", "b/c/1"]]);
  });

test("the first version goes on from the last key where there are no folders", async (t) => {
  const { list } = await start(t, ["a", "b", "c"]);
  const first = await list("max-keys=2");
  assert.deepEqual([keysIn(first), textsOf("NextMarker", first)], [["a", "b"], []]);
  const second = await list("max-keys=2&marker=b");
  assert.deepEqual([keysIn(second), textsOf("IsTruncated", second)], [["c"], ["false"]]);
});

test("every object has one version, null, by which it can be read and removed", async (t) => {
  const { bucket, list } = await start(t, ["a", "b/1"]);
  const xml = await list("versions&delimiter=%2F");
  assert.match(xml, /<Version><Key>a<\/Key><VersionId>null<\/VersionId><IsLatest>true<\/IsLatest>/);
  assert.deepEqual([keysIn(xml), prefixesIn(xml)], [["a"], ["b/"]]);
  const page = await list("versions&max-keys=1");
  assert.deepEqual(textsOf("NextKeyMarker", page), ["a"]);
  assert.deepEqual(keysIn(await list("versions&key-marker=a&version-id-marker=null")), ["b/1"]);
  assert.equal(String((await bucket.signed("GET", "a?versionId=null")).body), "a");
  assert.equal((await bucket.signed("GET", "a?versionId=abc")).code, "InvalidArgument");
  assert.equal((await bucket.signed("DELETE", "a?versionId=abc")).code, "InvalidArgument");
  assert.equal((await bucket.signed("DELETE", "a?versionId=null")).status, 204);
  assert.equal((await bucket.get("a")).status, 404);
  assert.equal((await bucket.signed("PUT", "a?versionId=null", { body: "a" })).status, 501);
});

test("uploads in parts are listed by folder too", async (t) => {
  const { bucket, list } = await start(t, []);
  for (const key of ["a", "b%2F1", "b%2F2", "c"]) await bucket.signed("POST", `${key}?uploads`);
  const first = await list("uploads&delimiter=%2F&max-uploads=2");
  assert.deepEqual([keysIn(first), prefixesIn(first)], [["a"], ["b/"]]);
  assert.deepEqual([textsOf("NextKeyMarker", first), textsOf("NextUploadIdMarker", first)], [["b/"], []]);
  const second = await list("uploads&delimiter=%2F&max-uploads=2&key-marker=b%2F");
  assert.deepEqual(
    [keysIn(second), prefixesIn(second), textsOf("IsTruncated", second)],
    [["c"], [], ["false"]],
  );
});
