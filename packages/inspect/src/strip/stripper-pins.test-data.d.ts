export declare const stripFolder: string;
export declare const pinnedPath: string;
/** Where the version is written: here, and for those who keep what was said. */
export declare const versionSources: readonly [string, string];
/** Of each source of strippers, tests left out, a digest. */
export declare function pinsOf(folder: string): ReadonlyMap<string, string>;
//# sourceMappingURL=stripper-pins.test-data.d.ts.map
