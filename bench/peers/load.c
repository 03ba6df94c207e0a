/*
 * The load of the bench: the Linux kernel's end of every measurement, the same program for every subject.
 *
 *   load bulk-send|bulk-receive|round-trips|connections --to ADDRESS
 *        [--seconds S] [--warm-up W] [--streams N] [--cpu N] [--congestion NAME]
 *
 *   bulk-send     the subject receives: port 5001 throws away what comes
 *   bulk-receive  the subject sends: port 5002 is a source without an end
 *   round-trips   64 bytes there and 64 back on port 5003, one outstanding on each stream
 *   connections   connect, 64 bytes there and back, read the end, close, again: port 5004
 *
 * Prints {"event":"begin"} when the warm-up is over, {"event":"end"} when the window is, then one line with
 * the result. Only what lies within the window counts. One stream uses blocking sockets, the kernel's fastest
 * way; several share one thread by epoll.
 *
 * In `connections` the subject closes first: TIME-WAIT stays there, and this end never runs out of ports.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE = 64, BUFFER = 256 * 1024, EVENTS = 256, MAX_STREAMS = 20000, PATIENCE_MS = 50 };

struct stream {
  int fd;
  uint32_t events; /* why epoll woke it */
  bool connecting;
  int got;        /* bytes of the answer so far */
  uint64_t began; /* when the request, or the connect, went out */
};

typedef void step(struct stream *);

struct mode {
  const char *name;
  uint16_t port;
  step *alone;       /* one stream: one operation, blocking */
  step *first;       /* several streams: what starts one */
  step *next;        /* several streams: when one is ready */
  uint32_t interest; /* of connections that are made once, before the warm-up */
};

static struct sockaddr_in subject;
static const char *congestion;
static const struct mode *mode;
static int poller = -1;
static char buffer[BUFFER];
static bool over;

static void fail(const char *sentence, ...) {
  va_list values;
  va_start(values, sentence);
  vfprintf(stderr, sentence, values);
  va_end(values);
  fputc('\n', stderr);
  exit(1);
}

/* ---- the window: warm-up, begin, end ----------------------------------------------------------------- */

static uint64_t bytes, operations, errors;
static double seconds = 5, warm_up = 1;
/* It begins after the streams are connected, however long that takes. */
static uint64_t window_begins = UINT64_MAX, window_ends, began_at, ended_at;
static double cpu_at_begin, cpu_at_end;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static double cpu_seconds(void) {
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  double micros = (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
  return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + micros / 1e6;
}

/*
 * Latencies in nanoseconds: 64 equal steps in each power of two, so that a quantile is right to 1.6 %.
 * Values below 64 have a cell of their own.
 */
enum { STEP_BITS = 6, STEPS = 1 << STEP_BITS };
static uint32_t latencies[(64 - STEP_BITS + 1) * STEPS];

static void record_latency(uint64_t nanoseconds) {
  int shift = nanoseconds < STEPS ? 0 : 63 - __builtin_clzll(nanoseconds) - STEP_BITS;
  latencies[(uint64_t)shift * STEPS + (nanoseconds >> shift)]++;
}

/* The middle of the cell in which the quantile lies, in microseconds. */
static double quantile(double share) {
  uint64_t wanted = (uint64_t)(share * (double)operations), seen = 0;
  for (size_t cell = 0; cell < sizeof latencies / sizeof *latencies; cell++) {
    if ((seen += latencies[cell]) <= wanted) continue;
    int shift = cell < 2 * STEPS ? 0 : (int)(cell / STEPS) - 1;
    uint64_t lowest = (uint64_t)(cell - (size_t)shift * STEPS) << shift;
    return ((double)lowest + (double)((1ull << shift) - 1) / 2) / 1e3;
  }
  return 0;
}

static void open_window(void) {
  window_begins = now() + (uint64_t)(warm_up * 1e9);
}

/* Looks at the clock, and says once each that the window has begun and ended. */
static uint64_t tick(void) {
  uint64_t t = now();
  if (began_at == 0 && t >= window_begins) {
    bytes = operations = errors = 0;
    memset(latencies, 0, sizeof latencies);
    puts("{\"event\":\"begin\"}");
    cpu_at_begin = cpu_seconds();
    began_at = t;
    window_ends = t + (uint64_t)(seconds * 1e9);
  }
  if (!over && began_at != 0 && t >= window_ends) {
    cpu_at_end = cpu_seconds();
    ended_at = t;
    over = true;
    puts("{\"event\":\"end\"}");
  }
  return t;
}

/* A request has its whole answer. */
static void completed(struct stream *stream) {
  uint64_t t = tick();
  if (over) return;
  operations++;
  bytes += 2 * MESSAGE;
  record_latency(t - stream->began);
  stream->began = t;
}

/* ---- sockets ----------------------------------------------------------------------------------------- */

static bool is_waiting(void) {
  return errno == EAGAIN || errno == EINTR || errno == EINPROGRESS || errno == EALREADY;
}

/* A single stream's socket blocks, but each call comes back now and then, to look at the clock. */
static void open_socket(struct stream *stream) {
  int type = SOCK_STREAM | (poller < 0 ? 0 : SOCK_NONBLOCK), on = 1;
  struct timeval patience = {.tv_usec = PATIENCE_MS * 1000};
  stream->fd = socket(AF_INET, type, 0);
  if (stream->fd < 0) fail("No socket: %s.", strerror(errno));
  setsockopt(stream->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (poller < 0) {
    setsockopt(stream->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(stream->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }
  if (congestion && setsockopt(stream->fd, IPPROTO_TCP, TCP_CONGESTION, congestion, strlen(congestion)) < 0)
    fail("Congestion control %s: %s.", congestion, strerror(errno));
}

/* Answers whether the connection is there, or, if there are several, under way. */
static bool connect_stream(struct stream *stream) {
  open_socket(stream);
  while (connect(stream->fd, (struct sockaddr *)&subject, sizeof subject) < 0) {
    if (!is_waiting()) return false;
    if (poller >= 0) return true;
    tick();
    if (over) return false;
  }
  return true;
}

static void must_connect(struct stream *stream) {
  if (!connect_stream(stream)) fail("Port %u: %s.", ntohs(subject.sin_port), strerror(errno));
}

static void watch(struct stream *stream, int how, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = stream};
  if (epoll_ctl(poller, how, stream->fd, &event) < 0) fail("epoll: %s.", strerror(errno));
}

static void lost(const char *what) {
  fail("The subject ended a stream (%s: %s).", what, errno ? strerror(errno) : "end of stream");
}

/* ---- bulk-send, bulk-receive ------------------------------------------------------------------------- */

static void send_bulk(struct stream *stream) {
  ssize_t n = send(stream->fd, buffer, BUFFER, MSG_NOSIGNAL);
  if (n < 0 && !is_waiting()) lost("send");
  tick();
  if (n > 0 && !over) bytes += (uint64_t)n;
}

static void receive_bulk(struct stream *stream) {
  errno = 0;
  ssize_t n = recv(stream->fd, buffer, BUFFER, 0);
  if (n == 0 || (n < 0 && !is_waiting())) lost("receive");
  tick();
  if (n > 0 && !over) bytes += (uint64_t)n;
}

/* ---- round-trips ------------------------------------------------------------------------------------- */

static bool send_request(struct stream *stream) {
  stream->got = 0;
  return send(stream->fd, buffer, MESSAGE, MSG_NOSIGNAL) == MESSAGE;
}

/* Answers whether the answer is complete. */
static bool receive_answer(struct stream *stream) {
  errno = 0;
  ssize_t n = recv(stream->fd, buffer, (size_t)(MESSAGE - stream->got), 0);
  if (n == 0 || (n < 0 && !is_waiting())) lost("receive");
  if (n > 0) stream->got += (int)n;
  return stream->got == MESSAGE;
}

static void start_trip(struct stream *stream) {
  stream->began = now();
  if (!send_request(stream)) lost("send");
}

static void continue_trip(struct stream *stream) {
  if (!receive_answer(stream)) return;
  completed(stream);
  if (!over && !send_request(stream)) lost("send");
}

static void make_trip(struct stream *stream) {
  if (stream->began == 0) stream->began = now();
  if (!send_request(stream)) lost("send");
  while (!receive_answer(stream) && !over) tick();
  completed(stream);
}

/* ---- connections ------------------------------------------------------------------------------------- */

static void connection_ended(struct stream *stream, bool served) {
  close(stream->fd);
  if (served) {
    completed(stream);
  } else if (tick() && ++errors > 10000) {
    fail("10,000 connections failed, the last one: %s.", strerror(errno));
  }
}

static void start_connection(struct stream *stream) {
  stream->began = now();
  stream->got = 0;
  stream->connecting = true;
  must_connect(stream);
  watch(stream, EPOLL_CTL_ADD, EPOLLOUT);
}

/* After the answer comes the end of the stream, often in the same segment. */
static void continue_connection(struct stream *stream) {
  if (stream->connecting && !(stream->events & EPOLLERR)) {
    stream->connecting = false;
    send_request(stream);
    watch(stream, EPOLL_CTL_MOD, EPOLLIN);
    return;
  }
  ssize_t n = recv(stream->fd, buffer, BUFFER, 0);
  if (n < 0 && is_waiting()) return;
  if (n > 0) stream->got += (int)n;
  if (n > 0 && recv(stream->fd, buffer, 1, 0) < 0 && is_waiting()) return;
  connection_ended(stream, stream->got == MESSAGE);
  if (!over) start_connection(stream);
}

static void make_connection(struct stream *stream) {
  stream->began = now();
  bool served = connect_stream(stream) && send_request(stream);
  while (served && !over) {
    ssize_t n = recv(stream->fd, buffer, BUFFER, 0);
    if (n > 0) stream->got += (int)n;
    else if (n < 0 && is_waiting()) tick();
    else break;
  }
  connection_ended(stream, served && stream->got == MESSAGE);
}

/* ---- the command ------------------------------------------------------------------------------------- */

static const struct mode modes[] = {
    {"bulk-send", 5001, send_bulk, NULL, send_bulk, EPOLLOUT},
    {"bulk-receive", 5002, receive_bulk, NULL, receive_bulk, EPOLLIN},
    {"round-trips", 5003, make_trip, start_trip, continue_trip, EPOLLIN},
    {"connections", 5004, make_connection, start_connection, continue_connection, 0},
};

static bool keeps_connections(void) {
  return mode->interest != 0;
}

static void run_alone(void) {
  static struct stream stream;
  if (keeps_connections()) must_connect(&stream);
  open_window();
  while (!over) mode->alone(&stream);
}

/* One after the other, so that no subject's backlog decides. */
static void connect_all(struct stream *streams, int count) {
  struct epoll_event event;
  for (int i = 0; i < count; i++) {
    must_connect(&streams[i]);
    watch(&streams[i], EPOLL_CTL_ADD, EPOLLOUT);
    int ready = epoll_wait(poller, &event, 1, 10000);
    if (ready != 1 || (event.events & EPOLLERR)) fail("Stream %d could not connect.", i + 1);
    watch(&streams[i], EPOLL_CTL_MOD, 0);
  }
}

static void run_several(struct stream *streams, int count) {
  static struct epoll_event events[EVENTS];
  if (keeps_connections()) connect_all(streams, count);
  open_window();
  for (int i = 0; i < count; i++) {
    if (mode->first) mode->first(&streams[i]);
    if (keeps_connections()) watch(&streams[i], EPOLL_CTL_MOD, mode->interest);
  }
  while (!over) {
    int ready = epoll_wait(poller, events, EVENTS, PATIENCE_MS);
    for (int i = 0; i < ready && !over; i++) {
      struct stream *stream = events[i].data.ptr;
      stream->events = events[i].events;
      mode->next(stream);
    }
    tick();
  }
}

static void print_result(void) {
  printf("{\"seconds\":%.6f,\"bytes\":%llu,\"operations\":%llu,\"errors\":%llu,"
         "\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f,\"cpuSeconds\":%.6f}\n",
         (double)(ended_at - began_at) / 1e9, (unsigned long long)bytes, (unsigned long long)operations,
         (unsigned long long)errors, quantile(0.5), quantile(0.9), quantile(0.99), cpu_at_end - cpu_at_begin);
}

static void stay_on(int cpu) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(cpu, &cpus);
  if (sched_setaffinity(0, sizeof cpus, &cpus) < 0) fail("CPU %d: %s.", cpu, strerror(errno));
}

int main(int count, char **words) {
  static const struct option options[] = {
      {"to", 1, 0, 't'},  {"seconds", 1, 0, 's'},    {"warm-up", 1, 0, 'w'}, {"streams", 1, 0, 'n'},
      {"cpu", 1, 0, 'c'}, {"congestion", 1, 0, 'g'}, {0},
  };
  static struct stream streams[MAX_STREAMS];
  int number = 1;
  subject.sin_family = AF_INET;
  for (int option; (option = getopt_long(count, words, "", options, NULL)) != -1;) {
    if (option == 't') inet_pton(AF_INET, optarg, &subject.sin_addr);
    if (option == 's') seconds = atof(optarg);
    if (option == 'w') warm_up = atof(optarg);
    if (option == 'n') number = atoi(optarg);
    if (option == 'c') stay_on(atoi(optarg));
    if (option == 'g') congestion = optarg;
    if (option == '?') return 1;
  }
  for (size_t i = 0; i < sizeof modes / sizeof *modes && optind < count; i++)
    if (strcmp(modes[i].name, words[optind]) == 0) mode = &modes[i];
  if (!mode) fail("load bulk-send|bulk-receive|round-trips|connections --to ADDRESS");
  if (!subject.sin_addr.s_addr) fail("--to wants an IPv4 address.");
  if (number < 1 || number > MAX_STREAMS) fail("From 1 to %d streams.", MAX_STREAMS);
  subject.sin_port = htons(mode->port);
  setlinebuf(stdout);
  if (number > 1 && (poller = epoll_create1(0)) < 0) fail("epoll: %s.", strerror(errno));
  if (number == 1) run_alone();
  else run_several(streams, number);
  print_result();
  return 0;
}
