import type { DerivativeSpec, Profile } from "@stowage/core";
import {
  defaultProfile,
  derivativeFits,
  derivativeFormats,
  derivativeSources,
  maxDerivativeSide,
  maxDerivativesPerProfile,
  reservedDerivativeNames,
} from "@stowage/core/bounds";
import { canonicalContentType } from "@stowage/inspect/content-type";
import { SettingError } from "../setting-error.ts";

/** What is wrong with a value, as the end of "MEMBER must …" once members stand before it. */
class WrongValueError extends Error {
  override readonly name = "WrongValueError";
}

const wrong = (what: string): never => {
  throw new WrongValueError(what);
};

/** S3's most (5 TiB): no profile can promise more. */
const maxObjectBytes = 5 * 2 ** 40;

/** As `POST /v1/uploads` takes it. */
const profileName = /^[a-z0-9-]{1,64}$/;
const derivativeName = /^[a-z0-9-]{1,32}$/;
const contentType = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/;

type Members = ReadonlyMap<string, unknown>;

/** An object's members as a map: no name of theirs is ever looked up on an object. */
function membersOf(value: unknown, shape: string): Members {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong(`is not ${shape}`);
  return new Map(Object.entries(value));
}

function assertKnown(members: Members, known: readonly string[]): void {
  for (const name of members.keys())
    if (!known.includes(name)) wrong(`there is no member ${JSON.stringify(name)}, only ${known.join(", ")}`);
}

/** Reads one member; what is wrong with it is told with its name before it. */
function at<Value>(name: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw error instanceof WrongValueError ? new WrongValueError(`${name}: ${error.message}`) : error;
  }
}

function whole(value: unknown, most: number): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most
    ? value
    : wrong(`must be a whole number from 1 to ${most}, not ${JSON.stringify(value)}`);
}

function oneOf<Value extends string>(value: unknown, values: readonly Value[]): Value {
  return (
    values.find((each) => each === value) ??
    wrong(`must be one of ${values.join(", ")}, not ${JSON.stringify(value)}`)
  );
}

/** Of a member that may be left out. */
const optional = <Name extends string, Value>(
  members: Members,
  name: Name,
  read: (value: unknown) => Value,
): { readonly [Each in Name]?: Value } =>
  (members.has(name) ? { [name]: at(name, () => read(members.get(name))) } : {}) as {
    readonly [Each in Name]?: Value;
  };

function readTypes(value: unknown): ReadonlyMap<string, number> {
  const types = membersOf(value, 'an object such as {"image/jpeg": 20000000}');
  if (types.size === 0) wrong("must name at least one type");
  for (const type of types.keys()) {
    if (!contentType.test(type))
      wrong(
        `must be named as image/jpeg is, in lower case and without parameters, not ${JSON.stringify(type)}`,
      );
    const canonical = canonicalContentType(type);
    if (canonical !== type) wrong(`must name ${canonical}, of which ${type} is another name`);
  }
  return new Map(
    [...types].map(([type, sizeBytes]) => [type, at(type, () => whole(sizeBytes, maxObjectBytes))]),
  );
}

const derivativeMembers = ["name", "of", "width", "height", "fit", "format", "make"] as const;

function readDerivative(value: unknown): DerivativeSpec {
  const members = membersOf(
    value,
    'an object such as {"name": "square", "width": 200, "height": 200, "fit": "cover"}',
  );
  assertKnown(members, derivativeMembers);
  for (const name of ["name", "width", "height", "fit"]) if (!members.has(name)) wrong(`${name} is missing`);
  const name = at("name", () => {
    const given = members.get("name");
    if (typeof given !== "string" || !derivativeName.test(given))
      return wrong(`must be 1 to 32 of a-z, 0-9 and hyphens, not ${JSON.stringify(given)}`);
    return reservedDerivativeNames.has(given)
      ? wrong(`can't be ${given}, which means something else`)
      : given;
  });
  return {
    name,
    width: at("width", () => whole(members.get("width"), maxDerivativeSide)),
    height: at("height", () => whole(members.get("height"), maxDerivativeSide)),
    fit: at("fit", () => oneOf(members.get("fit"), derivativeFits)),
    ...optional(members, "of", (of) => oneOf(of, derivativeSources)),
    ...optional(members, "format", (format) => oneOf(format, derivativeFormats)),
    ...optional(members, "make", (make) => oneOf(make, ["verify", "ask"] as const)),
  };
}

function readDerivatives(value: unknown): readonly DerivativeSpec[] {
  if (!Array.isArray(value)) return wrong("must be a list of objects");
  if (value.length > maxDerivativesPerProfile)
    return wrong(`must have at most ${maxDerivativesPerProfile} entries, not ${value.length}`);
  const specs = value.map((each: unknown, index) => at(`entry ${index + 1}`, () => readDerivative(each)));
  specs.forEach(({ name }, index) => {
    const first = specs.findIndex((each) => each.name === name);
    if (first < index) wrong(`entry ${index + 1} has the name "${name}" of entry ${first + 1}`);
  });
  return specs;
}

const profileMembers = ["types", "derivatives", "activeContent", "visibility"] as const;

/** A setting makes nothing public. */
const readVisibility = (value: unknown): "private" | "organisation" =>
  value === "public"
    ? wrong("can't be public: only whoever sends a file says so of it")
    : oneOf(value, ["private", "organisation"] as const);

function readProfile(name: string, value: unknown): Profile {
  const members = membersOf(value, 'an object such as {"types": {"image/jpeg": 20000000}}');
  assertKnown(members, profileMembers);
  const { types = defaultProfile.maxSizeBytesByType } = optional(members, "types", readTypes);
  return {
    name,
    maxSizeBytesByType: types,
    derivatives: defaultProfile.derivatives,
    activeContent: defaultProfile.activeContent,
    ...optional(members, "derivatives", readDerivatives),
    ...optional(members, "activeContent", (each) => oneOf(each, ["flag", "reject"] as const)),
    ...optional(members, "visibility", readVisibility),
  };
}

/**
 * Reads the setting `profiles`: a JSON object of profiles by name. `default` is always among what it answers, first;
 * what a profile leaves out is as in the default one that is built in.
 *
 * @throws SettingError the rest of the sentence "profiles …", naming profile, member and what is wrong with it
 */
export function parseProfiles(json: string): readonly Profile[] {
  const shape =
    'must be a JSON object of profiles by name, such as {"report": {"types": {"image/jpeg": 20000000}}}';
  let value: unknown;
  try {
    value = json === "" ? {} : JSON.parse(json);
  } catch {
    throw new SettingError(`${shape}; this is not JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new SettingError(shape);
  const profiles = new Map([[defaultProfile.name, defaultProfile]]);
  for (const [name, each] of Object.entries(value)) {
    if (!profileName.test(name))
      throw new SettingError(
        `is wrong: a profile's name must be 1 to 64 of a-z, 0-9 and hyphens, not ${JSON.stringify(name)}`,
      );
    try {
      profiles.set(name, readProfile(name, each));
    } catch (error) {
      if (!(error instanceof WrongValueError)) throw error;
      throw new SettingError(`is wrong in profile ${name}: ${error.message}`);
    }
  }
  return [...profiles.values()];
}

/** As `stowage.json` has it. */
export const profilesAsSetting = (profiles: readonly Profile[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    profiles.map(({ name, maxSizeBytesByType, derivatives, activeContent }) => [
      name,
      { types: Object.fromEntries(maxSizeBytesByType), derivatives, activeContent },
    ]),
  );
