/*
 * A flood for testing our own listener: segments from random addresses of the benchmarking networks
 * (198.18.0.0/15, RFC 2544; 2001:2::/48, RFC 5180), at a rate, for some seconds.
 *
 * It works only inside a network namespace without a way out: where no device is up but the loopback and
 * the one to be flooded, which is a TUN or veth device and has the address 10.9.0.1.
 *
 *   syn-flood --device NAME --to ADDRESS --port N [--rate N] [--seconds N] [--kind syn|ack|rst|data|fragment]
 *
 * ADDRESS is 10.9.0.x, or fd00::x. At the end, or when it is told to end (SIGTERM), it prints a line of JSON:
 * {"sent":…,"refused":…,"seconds":…}.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 32, LARGEST = 1500, MOST_PER_SECOND = 2000000, MOST_SECONDS = 60, TCP = 20, TEXT = 1000 };
enum { SYN = 2, RST = 4, PSH = 8, ACK = 16 };

static struct {
  const char *device, *to, *kind;
  int port, rate, seconds, family;
  uint8_t target[16];
} wanted = {.kind = "syn", .rate = 200000, .seconds = 5};

static void fail(const char *format, ...) {
  va_list rest;
  va_start(rest, format);
  fputs("syn-flood: ", stderr);
  vfprintf(stderr, format, rest);
  fputc('\n', stderr);
  exit(1);
}

/* --- whether it may run here */

/* A way out would be any other device that is up. */
static void refuse_other_devices(int any) {
  struct if_nameindex *all = if_nameindex();
  for (struct if_nameindex *each = all; each != NULL && each->if_index != 0; each++) {
    struct ifreq request = {0};
    strncpy(request.ifr_name, each->if_name, IFNAMSIZ - 1);
    if (ioctl(any, SIOCGIFFLAGS, &request) < 0) fail("%s does not say whether it is up", each->if_name);
    int is_known = strcmp(each->if_name, wanted.device) == 0 || (request.ifr_flags & IFF_LOOPBACK) != 0;
    if (!is_known && (request.ifr_flags & IFF_UP) != 0) fail("%s is up: a way out", each->if_name);
  }
  if_freenameindex(all);
}

/* Where to send: the device, and on Ethernet who has the target's address. */
static struct sockaddr_ll check_device(void) {
  struct ifreq request = {0};
  struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};
  int any = socket(AF_INET, SOCK_DGRAM, 0);
  strncpy(request.ifr_name, wanted.device, IFNAMSIZ - 1);
  if (ioctl(any, SIOCGIFADDR, &request) < 0) fail("%s has no address", wanted.device);
  struct sockaddr_in *address = (struct sockaddr_in *)&request.ifr_addr;
  if (address->sin_addr.s_addr != inet_addr("10.9.0.1")) fail("%s does not have 10.9.0.1", wanted.device);
  request.ifr_data = (void *)&driver;
  if (ioctl(any, SIOCETHTOOL, &request) < 0) fail("%s does not say what it is", wanted.device);
  if (strcmp(driver.driver, "tun") != 0 && strcmp(driver.driver, "veth") != 0)
    fail("%s is neither a TUN nor a veth device", wanted.device);
  refuse_other_devices(any);
  struct sockaddr_ll where = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(wanted.device)};
  where.sll_protocol = htons(wanted.family == 4 ? ETH_P_IP : ETH_P_IPV6);
  if (strcmp(driver.driver, "veth") == 0) {
    struct arpreq neighbor = {0};
    if (wanted.family != 4) fail("over veth only IPv4");
    ((struct sockaddr_in *)&neighbor.arp_pa)->sin_family = AF_INET;
    memcpy(&((struct sockaddr_in *)&neighbor.arp_pa)->sin_addr, wanted.target, 4);
    strncpy(neighbor.arp_dev, wanted.device, sizeof neighbor.arp_dev - 1);
    if (ioctl(any, SIOCGARP, &neighbor) < 0) fail("%s is not resolved: speak to it first", wanted.to);
    where.sll_halen = ETH_ALEN;
    memcpy(where.sll_addr, neighbor.arp_ha.sa_data, ETH_ALEN);
  }
  close(any);
  return where;
}

/* --- the segments */

static uint64_t luck = 88172645463325252u;

/* xorshift64 (Marsaglia, 2003). */
static uint64_t draw(void) {
  luck ^= luck << 13;
  luck ^= luck >> 7;
  luck ^= luck << 17;
  return luck;
}

static uint32_t sum_words(const uint8_t *bytes, int length) {
  uint32_t sum = 0;
  for (int i = 0; i + 1 < length; i += 2) sum += bytes[i] << 8 | bytes[i + 1];
  return length & 1 ? sum + (bytes[length - 1] << 8) : sum;
}

static void put_checksum(uint8_t *at, uint32_t sum) {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  at[0] = ~sum >> 8;
  at[1] = ~sum;
}

static int is(const char *kind) { return strcmp(wanted.kind, kind) == 0; }

/* What all segments have in common; answers the packet's length. */
static int prepare(uint8_t *packet) {
  /* MSS 1460, SACK permitted, timestamps, window scale 7: as Linux sends them. */
  static const uint8_t options[] = {2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7};
  int ip = wanted.family == 4 ? 20 : 40;
  int extra = is("syn") ? (int)sizeof options : is("data") || is("fragment") ? TEXT + 4 : 0;
  int length = ip + TCP + extra;
  uint8_t *tcp = packet + ip;
  memset(packet, 0, LARGEST);
  if (wanted.family == 4) {
    packet[0] = 0x45;
    packet[2] = length >> 8, packet[3] = length;
    packet[6] = is("fragment") ? 0x20 : 0x40;
    packet[8] = 64, packet[9] = IPPROTO_TCP;
    memcpy(packet + 16, wanted.target, 4);
  } else {
    packet[0] = 0x60;
    packet[4] = (length - ip) >> 8, packet[5] = length - ip;
    packet[6] = IPPROTO_TCP, packet[7] = 64;
    packet[8] = 0x20, packet[9] = 1, packet[11] = 2;
    memcpy(packet + 24, wanted.target, 16);
  }
  tcp[2] = wanted.port >> 8, tcp[3] = wanted.port;
  tcp[12] = (TCP + (is("syn") ? (int)sizeof options : 0)) << 2;
  tcp[13] = is("syn") ? SYN : is("rst") ? RST : is("ack") ? ACK : ACK | PSH;
  tcp[14] = 0xfa;
  if (is("syn")) memcpy(tcp + TCP, options, sizeof options);
  return length;
}

/* Another source, port and numbers. */
static void vary(uint8_t *packet, int length) {
  uint64_t a = draw(), b = draw();
  int ip = wanted.family == 4 ? 20 : 40;
  uint8_t *tcp = packet + ip;
  int from = wanted.family == 4 ? 12 : 8;
  if (wanted.family == 4) {
    memcpy(packet + 4, &b, 2);
    packet[12] = 198, packet[13] = 18 | (a & 1), packet[14] = a >> 8, packet[15] = a >> 16;
    packet[10] = packet[11] = 0;
    put_checksum(packet + 10, sum_words(packet, 20));
  } else {
    memcpy(packet + 16, &a, 8);
  }
  memcpy(tcp, &b, 2);
  memcpy(tcp + 4, (uint8_t *)&b + 4, 4);
  if (!is("syn")) memcpy(tcp + 8, (uint8_t *)&a + 4, 4);
  tcp[16] = tcp[17] = 0;
  uint32_t pseudo = IPPROTO_TCP + (length - ip) + sum_words(packet + from, wanted.family == 4 ? 8 : 32);
  put_checksum(tcp + 16, pseudo + sum_words(tcp, length - ip));
}

/* --- the flood */

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static volatile sig_atomic_t is_over = 0;

static void end(int signal) {
  (void)signal;
  is_over = 1;
}

static void flood(int descriptor, struct sockaddr_ll *where) {
  static uint8_t packets[BATCH][LARGEST];
  struct iovec parts[BATCH];
  struct mmsghdr messages[BATCH];
  uint64_t sent = 0, refused = 0;
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < BATCH; i++) {
    parts[i].iov_base = packets[i];
    parts[i].iov_len = prepare(packets[i]);
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = where;
    messages[i].msg_hdr.msg_namelen = sizeof *where;
  }
  luck ^= (uint64_t)getpid() << 32 ^ (uint64_t)(now() * 1e9);
  double begin = now(), at = begin;
  for (; !is_over && at - begin < wanted.seconds; at = now()) {
    int64_t due = (int64_t)((at - begin) * wanted.rate) - (int64_t)(sent + refused);
    if (due < BATCH) {
      struct timespec pause = {.tv_nsec = 50000};
      nanosleep(&pause, NULL);
      continue;
    }
    for (int i = 0; i < BATCH; i++) vary(packets[i], (int)parts[i].iov_len);
    int taken = sendmmsg(descriptor, messages, BATCH, 0);
    if (taken < 0 && errno != ENOBUFS && errno != EAGAIN) fail("sendmmsg: %s", strerror(errno));
    sent += taken > 0 ? taken : 0;
    refused += taken > 0 ? BATCH - taken : BATCH;
  }
  printf("{\"sent\":%lu,\"refused\":%lu,\"seconds\":%.3f}\n", sent, refused, at - begin);
}

int main(int count, char **words) {
  for (int i = 1; i + 1 < count; i += 2) {
    const char *name = words[i], *value = words[i + 1];
    if (strcmp(name, "--device") == 0) wanted.device = value;
    else if (strcmp(name, "--to") == 0) wanted.to = value;
    else if (strcmp(name, "--kind") == 0) wanted.kind = value;
    else if (strcmp(name, "--port") == 0) wanted.port = atoi(value);
    else if (strcmp(name, "--rate") == 0) wanted.rate = atoi(value);
    else if (strcmp(name, "--seconds") == 0) wanted.seconds = atoi(value);
    else fail("what is %s?", name);
  }
  if (wanted.device == NULL || wanted.to == NULL || wanted.port < 1)
    fail("it needs --device, --to and --port");
  if (wanted.rate < 1 || wanted.rate > MOST_PER_SECOND) fail("--rate from 1 to %d", MOST_PER_SECOND);
  if (wanted.seconds < 1 || wanted.seconds > MOST_SECONDS) fail("--seconds from 1 to %d", MOST_SECONDS);
  if (!is("syn") && !is("ack") && !is("rst") && !is("data") && !is("fragment"))
    fail("--kind %s?", wanted.kind);
  wanted.family = strchr(wanted.to, ':') == NULL ? 4 : 6;
  int domain = wanted.family == 4 ? AF_INET : AF_INET6;
  if (inet_pton(domain, wanted.to, wanted.target) != 1) fail("--to %s?", wanted.to);
  static const uint8_t ours4[] = {10, 9, 0}, ours6[] = {0xfd, 0, 0, 0, 0, 0, 0, 0};
  if (memcmp(wanted.target, wanted.family == 4 ? ours4 : ours6, wanted.family == 4 ? 3 : 8) != 0)
    fail("only 10.9.0.0/24 and fd00::/64 are aimed at");

  struct sockaddr_ll where = check_device();
  int descriptor = socket(AF_PACKET, SOCK_DGRAM, 0);
  if (descriptor < 0) fail("a packet socket: %s", strerror(errno));
  signal(SIGTERM, end);
  flood(descriptor, &where);
  return 0;
}
