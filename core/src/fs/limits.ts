/** Configuration never has more files than this; each costs a few calls to the file system. */
export const MAX_FILES = 4096;

/**
 * Names that are read, also those that are left out. A directory that another program fills must end
 * the attempt, not the memory or the time of the sidecar.
 */
export const MAX_ENTRIES = 32_768;
