/*
 * A C stack as a peer: lwIP, as Debian builds it (liblwip-dev), over a TUN device with frames of 1500 bytes;
 * it knows no segmentation offload, and its window is the 64 KiB of that build.
 *
 *   lwip --device tun:NAME --address 10.9.0.2/24
 *
 * Ports: 5001 throws away, 5002 sends without end, 5003 and 5005 answer each 64 bytes with as many, 5004
 * answers once and closes.
 *
 * The library is built with an operating-system layer, but nothing forces its thread on us: `lwip_init`
 * instead of `tcpip_init`, the raw API and the timers from this one loop, so that no lock is ever waited for.
 * Packets are read into our own buffers, which lwIP takes over without a copy.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <lwip/init.h>
#include <lwip/ip4.h>
#include <lwip/netif.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>

enum { MESSAGE = 64, MTU = 1500, BATCH = 64, PACKETS = 8192, MAX_TIME_WAITS = 64, CHUNK = 16 * 1024 };
enum { SINK = 5001, SOURCE, ECHO, REQUEST_CLOSE, HOLD, AFTER_LAST };

static int device;
static struct netif interface;
static char zeros[CHUNK];

static void fail(const char *what) {
  fprintf(stderr, "%s: %s.\n", what, strerror(errno));
  exit(1);
}

/* ---- packets: a fixed pool, given to lwIP and handed back by it -------------------------------------- */

struct packet {
  struct pbuf_custom pbuf;
  struct packet *next;
  char bytes[MTU];
};

static struct packet *free_packets;

static void release_packet(struct pbuf *pbuf) {
  struct packet *packet = (struct packet *)pbuf;
  packet->next = free_packets;
  free_packets = packet;
}

static void make_packets(void) {
  struct packet *all = calloc(PACKETS, sizeof *all);
  if (!all) fail("Packets");
  for (int i = 0; i < PACKETS; i++) {
    all[i].pbuf.custom_free_function = release_packet;
    release_packet(&all[i].pbuf.pbuf);
  }
}

/* ---- the device -------------------------------------------------------------------------------------- */

static void open_device(const char *name) {
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  device = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  if (device < 0) fail("/dev/net/tun");
  if (ioctl(device, TUNSETIFF, &request) < 0) fail(name);
}

/* This build of lwIP always sends a packet in one piece. */
static err_t transmit(struct netif *netif, struct pbuf *pbuf, const ip4_addr_t *to) {
  (void)netif, (void)to;
  return write(device, pbuf->payload, pbuf->len) == pbuf->len ? ERR_OK : ERR_IF;
}

static err_t interface_added(struct netif *netif) {
  netif->name[0] = 't', netif->name[1] = 'n';
  netif->mtu = MTU;
  netif->output = transmit;
  return ERR_OK;
}

/* At most a batch, so that timers get their turn. Without a free packet the device keeps the rest. */
static void receive_batch(void) {
  for (int i = 0; i < BATCH && free_packets; i++) {
    struct packet *packet = free_packets;
    ssize_t n = read(device, packet->bytes, MTU);
    if (n <= 0) return;
    free_packets = packet->next;
    u16_t length = (u16_t)n;
    struct pbuf *pbuf = pbuf_alloced_custom(PBUF_RAW, length, PBUF_REF, &packet->pbuf, packet->bytes, MTU);
    if (ip4_input(pbuf, &interface) != ERR_OK) pbuf_free(pbuf);
  }
}

/* ---- what the ports do ------------------------------------------------------------------------------- */

/* The one thing that we remember of a connection, how much has come, fits into lwIP's argument. */
static err_t end(struct tcp_pcb *pcb) {
  tcp_recv(pcb, NULL);
  tcp_sent(pcb, NULL);
  return tcp_close(pcb);
}

static void take(struct tcp_pcb *pcb, struct pbuf *pbuf) {
  tcp_recved(pcb, pbuf->tot_len);
  pbuf_free(pbuf);
}

static err_t throw_away(void *none, struct tcp_pcb *pcb, struct pbuf *pbuf, err_t error) {
  (void)none, (void)error;
  if (!pbuf) return end(pcb);
  take(pcb, pbuf);
  return ERR_OK;
}

static err_t answer(void *none, struct tcp_pcb *pcb, struct pbuf *pbuf, err_t error) {
  (void)none, (void)error;
  if (!pbuf) return end(pcb);
  for (struct pbuf *part = pbuf; part; part = part->next)
    tcp_write(pcb, part->payload, part->len, TCP_WRITE_FLAG_COPY);
  take(pcb, pbuf);
  return ERR_OK;
}

static err_t answer_and_close(void *so_far, struct tcp_pcb *pcb, struct pbuf *pbuf, err_t error) {
  (void)error;
  if (!pbuf) return end(pcb);
  intptr_t got = (intptr_t)so_far + pbuf->tot_len;
  tcp_arg(pcb, (void *)got);
  take(pcb, pbuf);
  if (got < MESSAGE) return ERR_OK;
  tcp_write(pcb, zeros, MESSAGE, 0);
  return end(pcb);
}

static err_t fill(void *none, struct tcp_pcb *pcb, u16_t acknowledged) {
  (void)none, (void)acknowledged;
  for (u32_t room; (room = tcp_sndbuf(pcb)) > 0;)
    if (tcp_write(pcb, zeros, (u16_t)LWIP_MIN(room, CHUNK), 0) != ERR_OK) break;
  return tcp_output(pcb);
}

static err_t accepted(void *port, struct tcp_pcb *pcb, err_t error) {
  if (error != ERR_OK) return error;
  tcp_nagle_disable(pcb);
  tcp_arg(pcb, NULL);
  switch ((intptr_t)port) {
    case SINK: tcp_recv(pcb, throw_away); break;
    case REQUEST_CLOSE: tcp_recv(pcb, answer_and_close); break;
    case SOURCE:
      tcp_recv(pcb, throw_away);
      tcp_sent(pcb, fill);
      return fill(NULL, pcb, 0);
    default: tcp_recv(pcb, answer);
  }
  return ERR_OK;
}

static void listen_on(intptr_t port) {
  struct tcp_pcb *pcb = tcp_new();
  if (!pcb || tcp_bind(pcb, IP4_ADDR_ANY, (u16_t)port) != ERR_OK) fail("bind");
  pcb = tcp_listen(pcb);
  if (!pcb) fail("listen");
  tcp_arg(pcb, (void *)port);
  tcp_accept(pcb, accepted);
}

/*
 * lwIP answers a SYN for a port in TIME-WAIT with an ACK, and never lets it in; its usual builds bound
 * TIME-WAIT by a pool of a few PCBs, forgetting the oldest for a new connection. This build takes them from
 * malloc without a bound, so the bound is ours: fewer than the connections after which the kernel comes back
 * to the same port.
 */
static void bound_time_waits(void) {
  int count = 0;
  struct tcp_pcb *next;
  for (struct tcp_pcb *pcb = tcp_tw_pcbs; pcb; pcb = next) {
    next = pcb->next;
    if (++count > MAX_TIME_WAITS) tcp_abort(pcb);
  }
}

/* ---- the loop ---------------------------------------------------------------------------------------- */

static int milliseconds_until_timer(void) {
  u32_t wait = sys_timeouts_sleeptime();
  return wait > 1000 ? 1000 : (int)wait;
}

static void run(void) {
  struct pollfd watched[] = {{.fd = device, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
  for (uint32_t turn = 0;; turn++) {
    poll(watched, 2, milliseconds_until_timer());
    if (watched[0].revents) receive_batch();
    if (watched[1].revents && read(STDIN_FILENO, zeros, 1) <= 0) exit(0);
    sys_check_timeouts();
    if (turn % 8 == 0) bound_time_waits();
  }
}

static void add_interface(const char *address, int prefix) {
  ip4_addr_t own, mask, none = {0};
  mask.addr = htonl(prefix == 0 ? 0 : 0xffffffffu << (32 - prefix));
  if (prefix < 0 || prefix > 32 || !ip4addr_aton(address, &own)) fail(address);
  if (!netif_add(&interface, &own, &mask, &none, NULL, interface_added, ip4_input)) fail("netif_add");
  netif_set_default(&interface);
  netif_set_up(&interface);
  netif_set_link_up(&interface);
}

int main(int count, char **words) {
  static const struct option options[] = {
      {"device", 1, 0, 'd'}, {"address", 1, 0, 'a'}, {"offload", 1, 0, 'o'}, {"mtu", 1, 0, 'm'}, {0}};
  const char *address = NULL, *prefix = NULL, *name = NULL;
  for (int option; (option = getopt_long(count, words, "", options, NULL)) != -1;) {
    if (option == 'a') address = strtok(optarg, "/"), prefix = strtok(NULL, "/");
    if (option == 'd' && strncmp(optarg, "tun:", 4) == 0) name = optarg + 4;
    if ((option == 'o' && strcmp(optarg, "off") != 0) || (option == 'm' && atoi(optarg) != MTU)) {
      fprintf(stderr, "This build of lwIP has frames of %d bytes and no offloads.\n", MTU);
      return 1;
    }
    if (option == '?') return 1;
  }
  if (!name || !address || !prefix) {
    fprintf(stderr, "lwip --device tun:NAME --address ADDRESS/PREFIX\n");
    return 1;
  }
  open_device(name);
  make_packets();
  lwip_init();
  add_interface(address, atoi(prefix));
  for (int port = SINK; port < AFTER_LAST; port++) listen_on(port);
  puts("ready");
  fflush(stdout);
  run();
}
