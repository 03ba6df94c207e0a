/*
 * What open connections cost the Linux kernel that have nothing to do: over the loopback, both ends of each
 * in one process. The same work as bench/idle/main.ts does with two hosts of ours, and the same line of JSON.
 *
 *   idle --connections N [--seconds S] [--warm-up W]
 *
 * A process may have so many descriptors and no more: workers share the connections, and work one at a time.
 * None of them comes to the same connection twice in a while, so each request meets cold ones.
 *
 * Memory is that of the slabs which hold nothing but sockets and their files, by /proc/slabinfo, for root
 * alone; a directory entry each, of some 200 bytes, lies among the machine's others, and is not counted.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE = 64, PORT = 80, BACKLOG = 4096, PORTS_EACH = 30000, TEN = 10 };
enum { CACHES = 1024, NAME = 64, SAMPLES = 1 << 22, SPARE = 1024 };
/* What fewer connections take is hidden by what the kernel's slabs hold ready. */
enum { ENOUGH = 1000, GRACE_US = 1000000 };

struct connection {
  int client, server;
};

struct cache {
  char name[NAME];
  long pages;
};

struct slabs {
  struct cache caches[CACHES];
  int count;
};

/* What the workers do at a word of the first process, each when it is its turn. */
enum task { OPEN = 'o', ASK_ALL = 'a', ASK_TEN = 't', CLOSE = 'c' };

struct worker {
  int wire, count;
};

/* What workers have found out. */
struct findings {
  double opening;
  size_t asked;
  float samples[SAMPLES];
};

static struct connection *connections;
static int listener;
static uint32_t local_host = INADDR_LOOPBACK;
static double seconds = 1, warm_up = 0.5;
static struct findings *findings;

static void fail(const char *sentence, ...) {
  va_list values;
  va_start(values, sentence);
  vfprintf(stderr, sentence, values);
  va_end(values);
  fputc('\n', stderr);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double cpu_microseconds(void) {
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  double micros = (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
  return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e6 + micros;
}

/* ---- memory ------------------------------------------------------------------------------------------- */

static void read_slabs(struct slabs *slabs) {
  char line[512];
  FILE *file = fopen("/proc/slabinfo", "r");
  if (!file) fail("/proc/slabinfo: %s.", strerror(errno));
  slabs->count = 0;
  while (slabs->count < CACHES && fgets(line, sizeof line, file)) {
    struct cache *cache = &slabs->caches[slabs->count];
    long per_slab, number;
    const char *data = strstr(line, ": slabdata");
    if (!data || sscanf(data, ": slabdata %*d %ld", &number) != 1) continue;
    if (sscanf(line, "%63s %*d %*d %*d %*d %ld", cache->name, &per_slab) != 2) continue;
    cache->pages = number * per_slab;
    slabs->count++;
  }
  fclose(file);
}

static bool is_of_sockets(const char *name) {
  static const char *const names[] = {"TCP", "tw_sock_TCP", "sock_inode_cache", "filp", "lsm_file_cache",
                                      "tcp_bind_bucket", "tcp_bind2_bucket"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i]) == 0) return true;
  return false;
}

static double growth(const struct slabs *before, const struct slabs *after) {
  long pages = 0;
  for (int i = 0; i < before->count && i < after->count; i++)
    if (is_of_sockets(after->caches[i].name)) pages += after->caches[i].pages - before->caches[i].pages;
  return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* ---- connections -------------------------------------------------------------------------------------- */

static struct sockaddr_in address(uint32_t host, uint16_t port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(host)};
  return a;
}

static void listen_on_loopback(void) {
  struct sockaddr_in local = address(INADDR_LOOPBACK, PORT);
  int on = 1;
  listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  /* Accepted sockets inherit it. */
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&local, sizeof local) < 0) fail("bind: %s.", strerror(errno));
  if (listen(listener, BACKLOG) < 0) fail("listen: %s.", strerror(errno));
}

/* From an address of 127/8 for each worker, and one more where the ports of one are too few. */
static void open_all(int count) {
  struct sockaddr_in subject = address(INADDR_LOOPBACK, PORT);
  int on = 1;
  for (int i = 0; i < count; i++) {
    struct sockaddr_in local = address(local_host + (uint32_t)(i / PORTS_EACH), 0);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    if (client < 0) fail("No socket: %s.", strerror(errno));
    setsockopt(client, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(client, (struct sockaddr *)&local, sizeof local) < 0) fail("bind: %s.", strerror(errno));
    if (connect(client, (struct sockaddr *)&subject, sizeof subject) < 0)
      fail("connect: %s.", strerror(errno));
    int server = accept(listener, NULL, NULL);
    if (server < 0) fail("accept: %s.", strerror(errno));
    connections[i] = (struct connection){client, server};
  }
}

/* The clients first: TIME-WAIT stays with them. */
static void close_all(int count) {
  for (int i = 0; i < count; i++) {
    close(connections[i].client);
    close(connections[i].server);
  }
}

/* ---- requests ----------------------------------------------------------------------------------------- */

static void pass(int from, int to) {
  char message[MESSAGE] = {0};
  if (send(from, message, MESSAGE, MSG_NOSIGNAL) != MESSAGE) fail("send: %s.", strerror(errno));
  if (recv(to, message, MESSAGE, MSG_WAITALL) != MESSAGE) fail("recv: %s.", strerror(errno));
}

static double ask(const struct connection *connection) {
  double began = now();
  pass(connection->client, connection->server);
  pass(connection->server, connection->client);
  return now() - began;
}

/* On random ones of the first `from`; what the warm-up takes is forgotten. */
static void ask_for_a_while(int from, double part) {
  double begin = now() + warm_up * part * 1e6, end = begin + seconds * part * 1e6;
  while (now() < begin) ask(&connections[random() % from]);
  do
    findings->samples[findings->asked++] = (float)ask(&connections[random() % from]);
  while (findings->asked < SAMPLES && now() < end);
}

static int compare(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

struct times {
  double p50, p99;
};

/* Of all that were asked since the last time. */
static struct times take_times(void) {
  size_t asked = findings->asked;
  findings->asked = 0;
  qsort(findings->samples, asked, sizeof *findings->samples, compare);
  return (struct times){findings->samples[asked / 2], findings->samples[asked * 99 / 100]};
}

static double ask_ten(void) {
  open_all(TEN);
  ask_for_a_while(TEN, 1);
  close_all(TEN);
  return take_times().p50;
}

/* ---- workers ------------------------------------------------------------------------------------------ */

/* @part: of the time, as there are other workers */
static void work(enum task task, int count, double part) {
  double began = cpu_microseconds();
  switch (task) {
    case OPEN:
      open_all(count);
      findings->opening += cpu_microseconds() - began;
      break;
    case ASK_ALL: ask_for_a_while(count, part); break;
    case ASK_TEN: ask_for_a_while(count < TEN ? count : TEN, part); break;
    case CLOSE: close_all(count);
  }
}

static struct worker start_worker(int count, uint32_t first_host, double part) {
  int wire[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, wire) < 0) fail("socketpair: %s.", strerror(errno));
  pid_t child = fork();
  if (child < 0) fail("fork: %s.", strerror(errno));
  if (child > 0) {
    close(wire[1]);
    return (struct worker){wire[0], count};
  }
  close(wire[0]);
  local_host = first_host;
  char word;
  while (read(wire[1], &word, 1) == 1) {
    work((enum task)word, count, part);
    if (write(wire[1], &word, 1) != 1) break;
  }
  _exit(0);
}

static void let_all(enum task task, const struct worker *workers, int number) {
  for (int i = 0; i < number; i++) {
    char word = (char)task;
    if (write(workers[i].wire, &word, 1) != 1 || read(workers[i].wire, &word, 1) != 1)
      fail("Worker %d of %d has ended.", i + 1, number);
  }
}

/* ---- the command -------------------------------------------------------------------------------------- */

/* How many connections a worker may have. */
static int share(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  return (int)((files.rlim_max < 1 << 20 ? files.rlim_max : 1 << 20) - SPARE) / 2;
}

static void measure(int count) {
  static struct slabs empty, full, closed;
  int each = share(), number = (count + each - 1) / each;
  struct worker *workers = calloc((size_t)number, sizeof *workers);
  connections = calloc((size_t)(each < TEN ? TEN : each), sizeof *connections);
  if (!workers || !connections) fail("No memory.");
  double ten = ask_ten();
  for (int i = 0; i < number; i++) {
    int own = i < number - 1 ? each : count - i * each;
    uint32_t host = INADDR_LOOPBACK + 1 + (uint32_t)(i * (1 + each / PORTS_EACH));
    workers[i] = start_worker(own, host, 1.0 / number);
  }
  read_slabs(&empty);
  let_all(OPEN, workers, number);
  read_slabs(&full);
  let_all(ASK_ALL, workers, number);
  struct times all = take_times();
  let_all(ASK_TEN, workers, number);
  struct times some = take_times();
  let_all(CLOSE, workers, number);
  /* Sockets are freed behind the readers' backs: RCU. */
  usleep(GRACE_US);
  read_slabs(&closed);
  printf("{");
  if (count >= ENOUGH)
    printf("\"memory\":%.1f,\"timeWait\":%.1f,", growth(&empty, &full) / count / 2,
           growth(&empty, &closed) / count);
  printf("\"opening\":%.2f,\"p50\":%.3f,\"p99\":%.3f,\"p50OfTen\":%.3f,\"p99OfTen\":%.3f,\"slower\":%.4f}\n",
         findings->opening / count, all.p50, all.p99, some.p50, some.p99, all.p50 / ten);
}

int main(int count, char **words) {
  static const struct option options[] = {
      {"connections", 1, 0, 'n'}, {"seconds", 1, 0, 's'}, {"warm-up", 1, 0, 'w'}, {0},
  };
  int number = 1000;
  for (int option; (option = getopt_long(count, words, "", options, NULL)) != -1;) {
    if (option == 'n') number = atoi(optarg);
    if (option == 's') seconds = atof(optarg);
    if (option == 'w') warm_up = atof(optarg);
    if (option == '?') return 1;
  }
  if (number < 1) fail("--connections wants a number above 0.");
  findings = mmap(NULL, sizeof *findings, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (findings == MAP_FAILED) fail("No memory.");
  listen_on_loopback();
  measure(number);
}
