import type { Query } from "../list-objects.ts";

/** What a list of some keys answers, whichever version it is of. */
export interface Expectation {
  readonly what: string;
  readonly test: string;
  readonly ends: readonly string[];
  readonly query: Query;
  readonly keys: readonly string[];
  readonly prefixes?: readonly string[];
}

export const expectations: readonly Expectation[] = [
  {
    what: "keys come in the order of their bytes, in whatever order they were put",
    test: "bucket_list_many",
    ends: ["b", "a", "Z", "_", "0", "a/b", "a b", "aa", "ä"],
    query: {},
    keys: ["0", "Z", "_", "a", "a b", "a/b", "aa", "b", "ä"],
  },
  {
    what: "keys come in the order of UTF-8, where UTF-16 has another",
    test: "bucket_list_many",
    ends: ["\u{10000}", "\uff5e", "\ud7ff", "z"],
    query: {},
    keys: ["z", "\ud7ff", "\uff5e", "\u{10000}"],
  },
  {
    what: "a prefix selects the keys that begin with it",
    test: "bucket_list_prefix_basic",
    ends: ["foo/bar", "foo/baz", "quux", "foo"],
    query: { prefix: "foo/" },
    keys: ["foo/bar", "foo/baz"],
  },
  {
    what: "a prefix may end within a name",
    test: "bucket_list_prefix_alt",
    ends: ["bar", "baz", "foo"],
    query: { prefix: "ba" },
    keys: ["bar", "baz"],
  },
  {
    what: "a prefix that nothing begins with lists nothing",
    test: "bucket_list_prefix_not_exist",
    ends: ["foo/bar", "quux"],
    query: { prefix: "d" },
    keys: [],
  },
  {
    what: "a delimiter rolls up what comes after it",
    test: "bucket_list_delimiter_basic",
    ends: ["foo/bar", "foo/bar/xyzzy", "quux/thud", "asdf"],
    query: { delimiter: "/" },
    keys: ["asdf"],
    prefixes: ["foo/", "quux/"],
  },
  {
    what: "a delimiter counts only after the prefix",
    test: "bucket_list_prefix_delimiter_basic",
    ends: ["foo/bar", "foo/baz/xyzzy", "quux/thud", "asdf"],
    query: { prefix: "foo/", delimiter: "/" },
    keys: ["foo/bar"],
    prefixes: ["foo/baz/"],
  },
  {
    what: "a prefix and a delimiter that is no slash work together",
    test: "bucket_list_prefix_delimiter_alt",
    ends: ["bar", "bazar", "cab", "foo"],
    query: { prefix: "ba", delimiter: "a" },
    keys: ["bar"],
    prefixes: ["baza"],
  },
  {
    what: "a prefix that ends before the delimiter rolls up up to it",
    test: "bucket_list_delimiter_prefix_ends_with_delimiter",
    ends: ["boo/a", "boo/b", "bop/c", "x"],
    query: { prefix: "bo", delimiter: "/" },
    keys: [],
    prefixes: ["boo/", "bop/"],
  },
  {
    what: "a key that ends with the delimiter and is the prefix is a key",
    test: "bucket_list_delimiter_prefix_ends_with_delimiter",
    ends: ["asdf/"],
    query: { prefix: "asdf/", delimiter: "/" },
    keys: ["asdf/"],
  },
  {
    what: "a delimiter may have several characters",
    test: "bucket_list_delimiter_alt",
    ends: ["a--b", "a-b", "c--d--e"],
    query: { delimiter: "--" },
    keys: ["a-b"],
    prefixes: ["a--", "c--"],
  },
  {
    what: "a percent sign may be the delimiter",
    test: "bucket_list_delimiter_percentage",
    ends: ["b%ar", "b%az", "c%ab", "foo"],
    query: { delimiter: "%" },
    keys: ["foo"],
    prefixes: ["b%", "c%"],
  },
  {
    what: "a space may be the delimiter",
    test: "bucket_list_delimiter_whitespace",
    ends: ["b ar", "b az", "c ab", "foo"],
    query: { delimiter: " " },
    keys: ["foo"],
    prefixes: ["b ", "c "],
  },
  {
    what: "a letter outside ASCII may be the delimiter",
    test: "bucket_list_delimiter_unreadable",
    ends: ["bär", "bäz", "foo"],
    query: { delimiter: "ä" },
    keys: ["foo"],
    prefixes: ["bä"],
  },
  {
    what: "an empty delimiter is none",
    test: "bucket_list_delimiter_empty",
    ends: ["a/b", "c"],
    query: { delimiter: "" },
    keys: ["a/b", "c"],
  },
  {
    what: "a delimiter that no key has rolls up nothing",
    test: "bucket_list_delimiter_not_exist",
    ends: ["bar", "baz"],
    query: { delimiter: "/" },
    keys: ["bar", "baz"],
  },
  {
    what: "max-keys of zero lists nothing",
    test: "bucket_list_maxkeys_zero",
    ends: ["bar", "baz"],
    query: { "max-keys": "0" },
    keys: [],
  },
];
