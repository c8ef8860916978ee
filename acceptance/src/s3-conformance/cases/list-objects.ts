import assert from "node:assert/strict";
import { elementsOf, textOf, textsOf } from "../../harness/read-xml.ts";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import { fill, listBelow, listPages, prefixesOf, type Query, type Version } from "../list-objects.ts";
import { assertOk, assertRefused, requiredText } from "../s3-session.ts";
import { expectations } from "./list-expectations.ts";

const tree = ["asdf", "boo/bar", "boo/baz/xyzzy", "cquux/thud", "cquux/bla"];

const bothVersions = (version: Version): ConformanceCase[] => {
  const api = version === 1 ? "ListObjects" : "ListObjectsV2";
  const after = version === 1 ? "marker" : "start-after";
  const basics = expectations.map(
    ({ what, test, ends, query, keys, prefixes = [] }): ConformanceCase => ({
      name: `${api}: ${what}`,
      source: `API_${api}; s3-tests test_${test}`,
      async run(s3) {
        const listed = await listBelow(s3, version, await fill(s3, ends), query);
        assert.deepEqual(listed.keys, keys);
        assert.deepEqual(listed.prefixes, prefixes);
        assert.equal(requiredText(listed.answer, "IsTruncated"), "false");
      },
    }),
  );
  const more: Omit<ConformanceCase, "source">[] = [
    {
      name: "an object is told with key, date, ETag, size and storage class",
      async run(s3) {
        const prefix = s3.newKey("/");
        const { headers } = await s3.put(`${prefix}a`, "12345");
        const { answer } = await listBelow(s3, version, prefix);
        const [object = ""] = elementsOf(answer.text, "Contents");
        assert.equal(textOf(object, "ETag"), headers.etag);
        assert.equal(textOf(object, "Size"), "5");
        assert.equal(textOf(object, "StorageClass"), "STANDARD");
        const modified = textOf(object, "LastModified") ?? "";
        assert.match(modified, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        const head = Date.parse((await s3.head(`${prefix}a`)).headers["last-modified"] ?? "");
        assert.equal(Math.floor(Date.parse(modified) / 1000) * 1000, head);
      },
    },
    {
      name: "the answer repeats what was asked for",
      async run(s3) {
        const prefix = await fill(s3, ["a"]);
        const { answer } = await listBelow(s3, version, prefix, {
          delimiter: "/",
          "max-keys": "7",
          [after]: "A",
        });
        assert.equal(requiredText(answer, "Name"), s3.place.bucket);
        assert.equal(requiredText(answer, "Prefix"), prefix);
        assert.equal(requiredText(answer, "Delimiter"), "/");
        assert.equal(requiredText(answer, "MaxKeys"), "7");
        assert.equal(requiredText(answer, version === 1 ? "Marker" : "StartAfter"), "A");
      },
    },
    {
      name: "a page has at most max-keys, and the next goes on after it",
      async run(s3) {
        const prefix = await fill(s3, ["c", "a", "e", "b", "d"]);
        const pages = await listPages(s3, version, prefix, { "max-keys": "2" });
        assert.deepEqual(
          pages.map(({ keys }) => keys),
          [["a", "b"], ["c", "d"], ["e"]],
        );
      },
    },
    {
      name: "a list that fits its page exactly has no next",
      async run(s3) {
        const { answer } = await listBelow(s3, version, await fill(s3, ["a", "b"]), { "max-keys": "2" });
        assert.equal(requiredText(answer, "IsTruncated"), "false");
      },
    },
    {
      name: "common prefixes count towards max-keys, and each comes once",
      async run(s3) {
        const prefix = await fill(s3, tree);
        const pages = await listPages(s3, version, prefix, { delimiter: "/", "max-keys": "1" });
        assert.deepEqual(
          pages.map(({ keys, prefixes }) => [...keys, ...prefixes]),
          [["asdf"], ["boo/"], ["cquux/"]],
        );
      },
    },
    {
      name: "pages through keys and common prefixes lose and repeat nothing",
      async run(s3) {
        const ends = ["a", "b/1", "b/2", "b/3", "c", "d/1/x", "d/2", "e", "f/1", "f/2"];
        const prefix = await fill(s3, ends);
        for (const maxKeys of ["2", "3", "4"]) {
          const pages = await listPages(s3, version, prefix, { delimiter: "/", "max-keys": maxKeys });
          assert.ok(pages.every((page) => page.keys.length + page.prefixes.length <= Number(maxKeys)));
          assert.deepEqual(
            pages.flatMap(({ keys }) => keys),
            ["a", "c", "e"],
          );
          assert.deepEqual(
            pages.flatMap(({ prefixes }) => prefixes),
            ["b/", "d/", "f/"],
          );
        }
      },
    },
    {
      name: `${after} need not be a key`,
      async run(s3) {
        const prefix = await fill(s3, ["bar", "baz", "foo", "quxx"]);
        const { keys } = await listBelow(s3, version, prefix, { [after]: `${prefix}blah` });
        assert.deepEqual(keys, ["foo", "quxx"]);
      },
    },
    {
      name: `${after} itself is not listed`,
      async run(s3) {
        const prefix = await fill(s3, ["bar", "baz", "foo"]);
        assert.deepEqual((await listBelow(s3, version, prefix, { [after]: `${prefix}baz` })).keys, ["foo"]);
      },
    },
    {
      name: `${after} behind the last key lists nothing`,
      async run(s3) {
        const prefix = await fill(s3, ["bar", "baz"]);
        assert.deepEqual((await listBelow(s3, version, prefix, { [after]: `${prefix}zzz` })).keys, []);
      },
    },
    {
      name: `${after} before the prefix leaves nothing out`,
      async run(s3) {
        const prefix = await fill(s3, ["bar", "baz"]);
        assert.deepEqual((await listBelow(s3, version, prefix, { [after]: "!" })).keys, ["bar", "baz"]);
      },
    },
    {
      name: "max-keys that is no number, or below zero, is refused",
      async run(s3) {
        for (const maxKeys of ["blah", "-1"]) {
          const query = { ...(version === 2 && { "list-type": "2" }), "max-keys": maxKeys };
          assertRefused(await s3.send("GET", "", { query }), 400, "InvalidArgument");
        }
      },
    },
    {
      name: "an encoding that does not exist is refused",
      async run(s3) {
        const query = { ...(version === 2 && { "list-type": "2" }), "encoding-type": "base64" };
        assertRefused(await s3.send("GET", "", { query }), 400, "InvalidArgument");
      },
    },
    {
      name: "with encoding-type=url keys, prefixes and delimiter are encoded",
      async run(s3) {
        const prefix = await fill(s3, ["a+b/c", "ä b", "asdf%41"]);
        const query = {
          ...(version === 2 && { "list-type": "2" }),
          prefix,
          delimiter: "/",
          "encoding-type": "url",
        };
        const answer = await s3.send("GET", "", { query });
        assertOk(answer);
        assert.equal(requiredText(answer, "EncodingType"), "url");
        const decode = (text: string) => decodeURIComponent(text.replaceAll("+", "%20"));
        const keys = textsOf(answer.text, "Key");
        assert.ok(
          keys.every((key) => /^[\w./%*+-]+$/.test(key)),
          keys.join(),
        );
        assert.deepEqual(keys.map(decode), [`${prefix}asdf%41`, `${prefix}ä b`]);
        assert.deepEqual(prefixesOf(answer.text).map(decode), [`${prefix}a+b/`]);
        assert.equal(decode(requiredText(answer, "Prefix")), prefix);
      },
    },
    {
      name: "without encoding keys are escaped as XML has it",
      async run(s3) {
        const ends = ["<a>&'\"", "]]>"];
        const { keys } = await listBelow(s3, version, await fill(s3, ends));
        assert.deepEqual(keys, ends);
      },
    },
    {
      name: "what was deleted is not listed, and what was put again is, once",
      async run(s3) {
        const prefix = await fill(s3, ["a", "b"]);
        await s3.send("DELETE", `${prefix}a`);
        await s3.put(`${prefix}b`, "again");
        assert.deepEqual((await listBelow(s3, version, prefix)).keys, ["b"]);
      },
    },
    {
      name: "an upload in parts is not listed before it is completed",
      async run(s3) {
        const key = s3.newKey("/");
        assertOk(await s3.send("POST", `${key}a`, { query: { uploads: "" } }));
        assert.deepEqual((await listBelow(s3, version, key)).keys, []);
      },
    },
    {
      name: "a list of a bucket that does not exist is refused",
      async run(s3) {
        const query: Query = version === 2 ? { "list-type": "2" } : {};
        const answer = await s3.send("GET", "", { bucket: "no-such-bucket-anywhere", query });
        assertRefused(answer, 404, "NoSuchBucket");
      },
    },
    {
      name: "a list without a signature is refused",
      async run(s3) {
        const url = `${s3.place.endpoint}/${s3.place.bucket}${version === 2 ? "?list-type=2" : ""}`;
        assertRefused(await s3.fetch("GET", url), 403, "AccessDenied");
      },
    },
  ];
  return [
    ...basics,
    ...more.map(({ name, run }) => ({
      name: `${api}: ${name}`,
      source: `API_${api}; s3-tests test_bucket_list*`,
      run,
    })),
  ];
};

const onlyVersion1: ConformanceCase[] = [
  {
    name: "ListObjects: NextMarker is told only with a delimiter",
    source: "API_ListObjects NextMarker",
    async run(s3) {
      const prefix = await fill(s3, ["a", "b/1", "c"]);
      const plain = await listBelow(s3, 1, prefix, { "max-keys": "1" });
      assert.equal(textOf(plain.answer.text, "NextMarker"), undefined);
      const rolled = await listBelow(s3, 1, prefix, { "max-keys": "2", delimiter: "/" });
      assert.equal(textOf(rolled.answer.text, "NextMarker"), `${prefix}b/`);
    },
  },
  {
    name: "ListObjects: each object has its owner",
    source: "API_ListObjects Owner",
    async run(s3) {
      const { answer } = await listBelow(s3, 1, await fill(s3, ["a"]));
      const [owner = ""] = elementsOf(answer.text, "Owner");
      assert.ok(textOf(owner, "ID"), answer.text);
    },
  },
  {
    name: "ListObjects: the answer has an empty Marker where none was sent",
    source: "API_ListObjects Marker; s3-tests test_bucket_list_marker_none",
    async run(s3) {
      const { answer } = await listBelow(s3, 1, await fill(s3, ["a"]));
      assert.equal(requiredText(answer, "Marker"), "");
    },
  },
];

const onlyVersion2: ConformanceCase[] = [
  {
    name: "ListObjectsV2: KeyCount counts keys and common prefixes",
    source: "API_ListObjectsV2 KeyCount; s3-tests test_basic_key_count",
    async run(s3) {
      const { answer } = await listBelow(s3, 2, await fill(s3, tree), { delimiter: "/" });
      assert.equal(requiredText(answer, "KeyCount"), "3");
    },
  },
  {
    name: "ListObjectsV2: an owner is told only where it is asked for",
    source: "API_ListObjectsV2 fetch-owner; s3-tests test_bucket_listv2_fetchowner_notempty",
    async run(s3) {
      const prefix = await fill(s3, ["a"]);
      assert.deepEqual(elementsOf((await listBelow(s3, 2, prefix)).answer.text, "Owner"), []);
      const asked = await listBelow(s3, 2, prefix, { "fetch-owner": "true" });
      const [owner = ""] = elementsOf(asked.answer.text, "Owner");
      assert.ok(textOf(owner, "ID"), asked.answer.text);
    },
  },
  {
    name: "ListObjectsV2: a continuation token is repeated, and goes before start-after",
    source: "API_ListObjectsV2; s3-tests test_bucket_listv2_both_continuationtoken_startafter",
    async run(s3) {
      const prefix = await fill(s3, ["a", "b", "c", "d"]);
      const query = { "max-keys": "1", "start-after": `${prefix}a` };
      const first = await listBelow(s3, 2, prefix, query);
      assert.deepEqual(first.keys, ["b"]);
      const token = requiredText(first.answer, "NextContinuationToken");
      const second = await listBelow(s3, 2, prefix, { ...query, "continuation-token": token });
      assert.deepEqual(second.keys, ["c"]);
      assert.equal(requiredText(second.answer, "ContinuationToken"), token);
    },
  },
  {
    name: "ListObjectsV2: a continuation token that nobody gave is refused",
    source: "ErrorResponses InvalidArgument: the continuation token provided is incorrect",
    async run(s3) {
      const query = { "list-type": "2", "continuation-token": "§ not a token" };
      assertRefused(await s3.send("GET", "", { query }), 400, "InvalidArgument");
    },
  },
  {
    name: "ListObjectsV2: a page has 1,000 keys, however many are asked for",
    source: "API_ListObjectsV2 max-keys: up to 1,000 key names",
    async run(s3) {
      const prefix = s3.newKey("/");
      const ends = Array.from({ length: 1003 }, (_, index) => String(index).padStart(5, "0"));
      const left = [...ends];
      const worker = async () => {
        for (let end = left.pop(); end !== undefined; end = left.pop()) await s3.put(prefix + end, "");
      };
      await Promise.all(Array.from({ length: 16 }, worker));
      for (const query of [{}, { "max-keys": "5000" }] as Query[]) {
        const pages = await listPages(s3, 2, prefix, query);
        assert.deepEqual(
          pages.map(({ keys }) => keys.length),
          [1000, 3],
        );
        assert.deepEqual(
          pages.flatMap(({ keys }) => keys),
          ends,
        );
      }
      const { answer } = await listBelow(s3, 1, prefix);
      assert.equal(requiredText(answer, "IsTruncated"), "true");
      assert.equal(elementsOf(answer.text, "Contents").length, 1000);
    },
  },
];

export const listObjects: ConformanceGroup = {
  operation: "ListObjects and ListObjectsV2",
  cases: [...bothVersions(1), ...onlyVersion1, ...bothVersions(2), ...onlyVersion2],
};
