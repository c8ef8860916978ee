import { StoreUnavailableError } from "@stowage/core";
import { readXml, type XmlElement } from "./read-xml.ts";

/**
 * The root element of an answer, which has to be the one that belongs to the request `what`.
 *
 * @throws StoreUnavailableError for anything else: what answers like that is no S3 service, or has broken off
 */
export function readAnswerElement(what: string, body: string, name: string): XmlElement {
  let root: XmlElement;
  try {
    root = readXml(body.trim());
  } catch (cause) {
    throw new StoreUnavailableError(`${what}: the store's answer can't be read`, { cause });
  }
  if (root.name !== name)
    throw new StoreUnavailableError(`${what}: the store answered something else: ${root.name.slice(0, 100)}`);
  return root;
}
