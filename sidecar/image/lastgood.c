/*
 * `lastgood` and `lastgood-ready` of the image, which has no shell. See docs/adr/0044-an-image-without-a-shell.md.
 *
 * lastgood, and the names of the reloaders that it replaces: starts Node with the flags of the first line of
 * lastgood.js. As the first process of a container it stays, passes signals on, and reaps: a command of `exec`
 * that leaves processes behind would otherwise leave zombies, since Node waits only for its own children.
 *
 * lastgood-ready [ADDRESS:PORT]: for a startup probe with `exec`. Exits with 0 if every bundle is ready, else with
 * 1, and prints what /readyz says. The kubelet shows that in the events of the pod.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef NODE
#define NODE "/usr/local/bin/node"
#endif
#ifndef HOME
#define HOME "/usr/local/lib/lastgood"
#endif
#ifndef SYS
#define SYS "/sys"
#endif

/* With more, a cold start gets slow in 64 MiB (docs/adr/0035). */
enum { MOST_READ_AHEAD_KIB = 1024 };

/* Small heaps, and an allocator that returns memory (docs/adr/0006); enough threads, so that a volume that hangs
 * does not block others. */
static const char *const FLAGS[] = {
    "--disable-sigusr1",
    "--no-memory-pool-share-memory-on-teardown",
    "--max-semi-space-size=4",
    "--max-old-space-size=32",
};
static const char *const VARIABLES[][2] = {
    {"MALLOC_ARENA_MAX", "1"},
    {"MALLOC_MMAP_THRESHOLD_", "8192"},
    {"MALLOC_TRIM_THRESHOLD_", "65536"},
    {"UV_THREADPOOL_SIZE", "8"},
};
#define COUNT(array) (sizeof(array) / sizeof(array[0]))

/* As shells do. */
enum { CANNOT_START = 126, KILLED = 128 };

static int fail(const char *what) {
  fprintf(stderr, "lastgood: cannot start %s: %s\n", what, strerror(errno));
  return CANNOT_START;
}

/* How much a disk reads ahead; 0 if that is unknown. A partition has its queue in the directory of the disk. */
static int read_ahead_kib(const char *path) {
  struct stat file;
  int kib = 0;
  if (stat(path, &file) != 0) return 0;
  for (int is_partition = 0; is_partition <= 1; is_partition++) {
    char name[128];
    snprintf(name, sizeof name, SYS "/dev/block/%u:%u/%squeue/read_ahead_kb", major(file.st_dev),
             minor(file.st_dev), is_partition ? "../" : "");
    FILE *stream = fopen(name, "r");
    if (stream == NULL) continue;
    if (fscanf(stream, "%d", &kib) != 1) kib = 0;
    fclose(stream);
  }
  return kib;
}

/* The root of a container is most often an overlay, which is no disk; the kubelet mounts /etc/hosts from its disk. */
static int reads_far_ahead(void) {
  return read_ahead_kib("/") > MOST_READ_AHEAD_KIB ||
         read_ahead_kib("/etc/hosts") > MOST_READ_AHEAD_KIB;
}

static int start_node(const char *name, char **arguments, int count) {
  char file[256];
  snprintf(file, sizeof file, HOME "/%s", strcmp(name, "lastgood") == 0 ? "lastgood.js" : name);
  const char *command[COUNT(FLAGS) + count + 3];
  size_t end = 0;
  command[end++] = NODE;
  for (size_t index = 0; index < COUNT(FLAGS); index++) command[end++] = FLAGS[index];
  command[end++] = file;
  for (int index = 0; index < count; index++) command[end++] = arguments[index];
  command[end] = NULL;
  for (size_t index = 0; index < COUNT(VARIABLES); index++)
    setenv(VARIABLES[index][0], VARIABLES[index][1], 0);
  if (reads_far_ahead()) setenv("LD_PRELOAD", HOME "/small-reads.so", 0);
  execv(NODE, (char **)command);
  return fail(NODE);
}

/* Whether a key such as Ctrl-C was pressed: the kernel has then sent it to each process of the terminal, and a second
 * one would end Node at once. */
static int is_from_key(const siginfo_t *signal) {
  int number = signal->si_signo;
  return signal->si_code == SI_KERNEL && (number == SIGINT || number == SIGQUIT || number == SIGTSTP);
}

/* Passes signals to the child, and reaps every process that ends, until the child does. Returns its exit code. */
static int wait_for(pid_t child, const sigset_t *signals) {
  for (;;) {
    siginfo_t signal;
    int number = sigwaitinfo(signals, &signal);
    if (number > 0 && number != SIGCHLD && !is_from_key(&signal)) kill(child, number);
    int status;
    pid_t ended;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
      if (ended == child) return WIFEXITED(status) ? WEXITSTATUS(status) : KILLED + WTERMSIG(status);
  }
}

static int run(const char *name, char **arguments, int count) {
  if (getpid() != 1) return start_node(name, arguments, count);
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  pid_t child = fork();
  if (child < 0) return fail("a process");
  if (child > 0) return wait_for(child, &all);
  sigprocmask(SIG_SETMASK, &before, NULL);
  return start_node(name, arguments, count);
}

/* A connection to an address such as 127.0.0.1:9533, localhost:9533 or [::1]:9533; -1 if there is none. */
static int dial(const char *address) {
  char host[64];
  const char *colon = strrchr(address, ':');
  size_t length = colon == NULL ? sizeof host : (size_t)(colon - address);
  if (length >= sizeof host) return -1;
  memcpy(host, address, length);
  host[length] = 0;
  unsigned short port = htons((unsigned short)atoi(colon + 1));
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = port};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = port};
  const struct sockaddr *target = (struct sockaddr *)&v4;
  socklen_t size = sizeof v4;
  if (host[0] == '[') {
    host[length - 1] = 0;
    if (inet_pton(AF_INET6, host + 1, &v6.sin6_addr) != 1) return -1;
    target = (struct sockaddr *)&v6;
    size = sizeof v6;
  } else if (inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &v4.sin_addr) != 1) {
    return -1;
  }
  int connection = socket(target->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return connection >= 0 && connect(connection, target, size) == 0 ? connection : -1;
}

static int print_ready(const char *address) {
  int connection = dial(address);
  FILE *stream = connection < 0 ? NULL : fdopen(connection, "r+");
  if (stream == NULL) {
    printf("lastgood does not answer on %s\n", address);
    return 1;
  }
  fputs("GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n", stream);
  fflush(stream);
  char line[4096];
  int status = 0;
  if (fgets(line, sizeof line, stream) != NULL) sscanf(line, "HTTP/%*s %d", &status);
  while (fgets(line, sizeof line, stream) != NULL && strcmp(line, "\r\n") != 0) continue;
  size_t count;
  while ((count = fread(line, 1, sizeof line, stream)) > 0) fwrite(line, 1, count, stdout);
  return status == 200 ? 0 : 1;
}

int main(int count, char **arguments) {
  const char *slash = strrchr(arguments[0], '/');
  const char *name = slash == NULL ? arguments[0] : slash + 1;
  if (strcmp(name, "lastgood-ready") == 0)
    return print_ready(count > 1 ? arguments[1] : "127.0.0.1:9533");
  return run(name, arguments + 1, count - 1);
}
