/**
 * What is said of a file's rendition was worked out by strippers of this version. To be raised where one leaves out more than before, so that
 * what was said of older files is not relied upon: with the `stripperVersion` of whoever keeps it.
 */
export const stripperVersion = 6;
