import { type ReadSystemFile, readSystemFile } from './control-group.ts';

/**
 * The library of the image that has the kernel read Node in small pieces, if this process has it (ADR 46). It has
 * removed itself from the environment.
 */
export function findSmallReads(read: ReadSystemFile = readSystemFile): string | undefined {
  return /\/\S+\/small-reads\.so$/m.exec(read('/proc/self/maps') ?? '')?.[0];
}
