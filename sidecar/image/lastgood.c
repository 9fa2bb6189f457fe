/*
 * `lastgood` and `lastgood-ready` of the image, which has no shell. See docs/adr/0044-an-image-without-a-shell.md.
 *
 * lastgood, and the names of the reloaders that it replaces: starts Node with the flags of the first line of
 * lastgood.js. As the first process of a container it stays, passes signals on, and reaps: a command of `exec`
 * that leaves processes behind would otherwise leave zombies, since Node waits only for its own children. Beside a
 * sidecar, it starts one command at a time.
 *
 * lastgood-ready [ADDRESS:PORT]: for a startup probe with `exec`. Exits with 0 if every bundle is ready, else with
 * 1, and prints what /readyz says. The kubelet shows that in the events of the pod.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
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

/* A laptop or a CI job has more memory, and the container of a sidecar less (app/heap.ts). */
enum { LARGE_MEMORY_BYTES = 1 << 30 };

/* The first as every command of lastgood does, the others as shells do. */
enum { UNUSABLE = 2, CANNOT_START = 126, KILLED = 128 };

static int fail(const char *what) {
  fprintf(stderr, "lastgood: cannot start %s: %s\n", what, strerror(errno));
  return CANNOT_START;
}

/* The number in a file of the kernel; -1 if there is none. */
static long long read_number(const char *path) {
  long long number = -1;
  FILE *stream = fopen(path, "r");
  if (stream == NULL) return number;
  if (fscanf(stream, "%lld", &number) != 1) number = -1;
  fclose(stream);
  return number;
}

/* How much a disk reads ahead, if that is known. A partition has its queue in the directory of the disk. */
static long long read_ahead_kib(const char *path) {
  struct stat file;
  if (stat(path, &file) != 0) return -1;
  char disk[64], queue[128];
  snprintf(disk, sizeof disk, SYS "/dev/block/%u:%u", major(file.st_dev), minor(file.st_dev));
  snprintf(queue, sizeof queue, "%s/queue/read_ahead_kb", disk);
  long long kib = read_number(queue);
  snprintf(queue, sizeof queue, "%s/../queue/read_ahead_kb", disk);
  return kib >= 0 ? kib : read_number(queue);
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

/* In a container with little memory, which a sidecar may share. */
static int has_little_memory(void) {
  long long bytes = read_number(SYS "/fs/cgroup/memory.max");
  if (bytes < 0) bytes = read_number(SYS "/fs/cgroup/memory/memory.limit_in_bytes");
  return bytes >= 0 && bytes < LARGE_MEMORY_BYTES;
}

/* Keeps other processes of this container from taking the lock until this one ends. 0 if another one has it. The
 * kernel removes an abstract socket, and containers that share it have other namespaces of mounts. */
static int lock_container(void) {
  char container[64] = "";
  if (readlink("/proc/self/ns/mnt", container, sizeof container - 1) < 0) return 1;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "%s " HOME, container);
  int lock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return bind(lock, (struct sockaddr *)&address, sizeof address) == 0 || errno != EADDRINUSE;
}

static int refuse(void) {
  fputs("lastgood: another command runs in this container [LG_USAGE_BUSY]\n"
        "  hint: try again when it has ended, or run the command elsewhere\n",
        stderr);
  return UNUSABLE;
}

/* Starts Node as a child, and waits for it. */
static int start_child(const char *name, char **arguments, int count) {
  int is_first = getpid() == 1;
  sigset_t passed, before;
  sigfillset(&passed);
  /* Ctrl-Z stops both. */
  if (!is_first) sigdelset(&passed, SIGTSTP);
  sigprocmask(SIG_SETMASK, &passed, &before);
  pid_t child = fork();
  if (child < 0) return fail("a process");
  if (child > 0) return wait_for(child, &passed);
  if (!is_first) prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigprocmask(SIG_SETMASK, &before, NULL);
  return start_node(name, arguments, count);
}

static int run(const char *name, char **arguments, int count) {
  if (getpid() == 1) return start_child(name, arguments, count);
  int is_command = strcmp(name, "lastgood") == 0 && count > 0 && arguments[0][0] != '-';
  if (!is_command || !has_little_memory()) return start_node(name, arguments, count);
  /* Node takes 9 MiB before it can look whether there is room, so only one command starts at a time. */
  return lock_container() ? start_child(name, arguments, count) : refuse();
}

/* In network order; 0 if it is not the number of a port. */
static in_port_t port_of(const char *text) {
  char *end;
  unsigned long port = strtoul(text, &end, 10);
  return isdigit((unsigned char)text[0]) && *end == 0 && port <= 65535 ? htons((in_port_t)port) : 0;
}

/* A connection to an address such as 127.0.0.1:9533, :9533, localhost:9533 or [::1]:9533; -1 if there is none. */
static int dial(const char *address) {
  char host[64];
  const char *colon = strrchr(address, ':');
  size_t length = colon == NULL ? sizeof host : (size_t)(colon - address);
  if (length >= sizeof host) return -1;
  memcpy(host, address, length);
  host[length] = 0;
  int is_local = length == 0 || strcmp(host, "localhost") == 0;
  in_port_t port = port_of(colon + 1);
  if (port == 0) return -1;
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = port};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = port};
  const struct sockaddr *target = (struct sockaddr *)&v4;
  socklen_t size = sizeof v4;
  if (host[0] == '[') {
    if (host[length - 1] != ']') return -1;
    host[length - 1] = 0;
    if (inet_pton(AF_INET6, host + 1, &v6.sin6_addr) != 1) return -1;
    target = (struct sockaddr *)&v6;
    size = sizeof v6;
  } else if (inet_pton(AF_INET, is_local ? "127.0.0.1" : host, &v4.sin_addr) != 1) {
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
