/**
 * Libraries, and the fonts that pictures with text in them are drawn with: what a program needs of a system that is not
 * its own. Nothing of `/etc` but what these need. Not everywhere is each of them.
 */
export const systemFolders = [
  "/lib",
  "/lib64",
  "/usr/lib",
  "/usr/lib64",
  "/usr/local/lib",
  "/nix/store",
  "/etc/ld.so.cache",
  "/etc/fonts",
  "/usr/share/fonts",
  "/usr/share/fontconfig",
  "/usr/local/share/fonts",
  "/var/cache/fontconfig",
];
