/** The API's origin in one spelling, however an application writes it: what is kept on a device stands under it. Default: the page's own. */
export const originOf = (server = location.origin): string => new URL(server).href.replace(/\/+$/, "");
