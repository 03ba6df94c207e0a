/*
 * The peer that counts most: the Linux kernel's own sockets, one thread, epoll. It stands at the other end of
 * a veth pair, or on the loopback; the harness has given the address.
 *
 *   kernel --device kernel --address 10.9.0.2/24
 *
 * Ports: 5001 throws away, 5002 sends without end, 5003 and 5005 answer each 64 bytes with as many, 5004
 * answers once and closes. Level-triggered, one call of 256 KiB on a connection each time that it is ready.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE = 64, BUFFER = 256 * 1024, BACKLOG = 4096, EVENTS = 256, MAX_DESCRIPTORS = 1 << 20 };
enum { SINK = 5001, SOURCE, ECHO, REQUEST_CLOSE, HOLD, AFTER_LAST };

/* What a descriptor is, as epoll's datum: a connection's port, a listener, or the standard input. */
enum kind { CONNECTION, LISTENER, INPUT };

static int poller;
static char buffer[BUFFER];
/* By descriptor: how much of a request port 5004 has had. */
static uint8_t requested[MAX_DESCRIPTORS];

static void fail(const char *what) {
  fprintf(stderr, "%s: %s.\n", what, strerror(errno));
  exit(1);
}

static int watch(int fd, enum kind kind, int port, uint32_t events) {
  uint64_t datum = (uint64_t)kind << 48 | (uint64_t)port << 32 | (uint32_t)fd;
  struct epoll_event event = {.events = events, .data.u64 = datum};
  return epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

static void listen_on(const char *address, int port) {
  struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  if (inet_pton(AF_INET, address, &local.sin_addr) != 1) fail(address);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  /* Accepted sockets inherit it. */
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&local, sizeof local) < 0) fail("bind");
  if (listen(fd, BACKLOG) < 0) fail("listen");
  if (watch(fd, LISTENER, port, EPOLLIN) < 0) fail("epoll");
}

static void accept_all(int listener, int port) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    if (fd >= MAX_DESCRIPTORS) {
      close(fd);
      continue;
    }
    requested[fd] = 0;
    if (watch(fd, CONNECTION, port, port == SOURCE ? EPOLLOUT : EPOLLIN) < 0) fail("epoll");
  }
}

/* Answers whether the connection goes on. */
static int serve(int fd, int port) {
  if (port == SOURCE) return send(fd, buffer, BUFFER, MSG_NOSIGNAL) > 0 || errno == EAGAIN;
  ssize_t n = recv(fd, buffer, BUFFER, 0);
  if (n <= 0) return n < 0 && errno == EAGAIN;
  if (port == SINK) return 1;
  if (port != REQUEST_CLOSE) return send(fd, buffer, (size_t)n, MSG_NOSIGNAL) == n;
  if ((requested[fd] += (uint8_t)n) < MESSAGE) return 1;
  send(fd, buffer, MESSAGE, MSG_NOSIGNAL);
  return 0;
}

static void run(void) {
  static struct epoll_event events[EVENTS];
  for (;;) {
    int ready = epoll_wait(poller, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      uint64_t datum = events[i].data.u64;
      int fd = (int)(uint32_t)datum, port = (int)(datum >> 32 & 0xffff);
      switch ((enum kind)(datum >> 48)) {
        case LISTENER: accept_all(fd, port); break;
        case CONNECTION: if (!serve(fd, port)) close(fd); break;
        case INPUT: if (read(fd, buffer, BUFFER) <= 0) exit(0);
      }
    }
  }
}

int main(int count, char **words) {
  static const struct option options[] = {{"device", 1, 0, 'd'}, {"address", 1, 0, 'a'}, {0}};
  char *address = NULL;
  for (int option; (option = getopt_long(count, words, "", options, NULL)) != -1;) {
    if (option == 'a') address = strtok(optarg, "/");
    if (option == 'd' && strcmp(optarg, "kernel") != 0) {
      fprintf(stderr, "This peer is the kernel: --device kernel, not %s.\n", optarg);
      return 1;
    }
    if (option == '?') return 1;
  }
  if (!address) {
    fprintf(stderr, "kernel --device kernel --address ADDRESS/PREFIX\n");
    return 1;
  }
  struct rlimit descriptors = {MAX_DESCRIPTORS, MAX_DESCRIPTORS};
  setrlimit(RLIMIT_NOFILE, &descriptors);
  if ((poller = epoll_create1(0)) < 0) fail("epoll");
  for (int port = SINK; port < AFTER_LAST; port++) listen_on(address, port);
  /* A regular file cannot be watched; then only a signal ends this. */
  watch(STDIN_FILENO, INPUT, 0, EPOLLIN);
  puts("ready");
  fflush(stdout);
  run();
}
