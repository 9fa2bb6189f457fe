/*
 * A library that lastgood.c loads into Node, where the disk of the node reads far ahead: the kernel then reads Node
 * and its libraries in small pieces, and a cold start has room in the memory of the container. See
 * docs/adr/0046-small-reads.md.
 */
#define _GNU_SOURCE
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

/* What most disks read ahead. */
#define PIECE ((size_t)128 * 1024)

/* Linux 6.18 does not heed MADV_RANDOM for code, but reads ahead only up to the end of the mapping. So every second
 * piece of code gets one more flag, which does nothing here but make it a mapping of its own. */
static void divide(uintptr_t start, uintptr_t end) {
  for (; start < end; start += 2 * PIECE) {
    size_t size = end - start;
    madvise((void *)start, size < PIECE ? size : PIECE, MADV_DONTDUMP);
  }
}

static int advise(struct dl_phdr_info *object, size_t size, void *data) {
  (void)size;
  (void)data;
  for (int index = 0; index < object->dlpi_phnum; index++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
    if (segment->p_type != PT_LOAD) continue;
    uintptr_t start = object->dlpi_addr + segment->p_vaddr;
    uintptr_t end = start + segment->p_filesz;
    start -= start % segment->p_align;
    madvise((void *)start, end - start, MADV_RANDOM);
    if (segment->p_flags & PF_X) divide(start, end);
  }
  return 0;
}

__attribute__((constructor)) static void begin(void) {
  /* Not for what Node starts. */
  unsetenv("LD_PRELOAD");
  dl_iterate_phdr(advise, NULL);
}
