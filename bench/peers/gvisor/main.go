// A Go stack as a peer: gVisor's netstack, as Debian packages it (golang-gvisor-gvisor-dev, December 2022).
//
//	gvisor --device packet:NAME --address 10.9.0.2/24   an end of a veth pair, super-segments: its best
//	gvisor --device tun:NAME    --address 10.9.0.2/24   frames of 1500 bytes
//
// Ports: 5001 throws away, 5002 sends without end, 5003 and 5005 answer each 64 bytes with as many, 5004
// answers once and closes. A goroutine for each connection, through the adapter that gVisor offers for Go's
// net.Conn. Go's garbage collector as it comes: rarer collections (GOGC=400, 1000) were no faster.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"gvisor.dev/gvisor/pkg/log"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

const (
	nic        = 1
	message    = 64
	bufferSize = 256 << 10
	// Two super-segments. 63,900 bytes were slower, a megabyte no faster.
	writeSize = 2 * 63900
	backlog   = 4096
)

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// must turns gVisor's errors, which are no Go errors, into a failure with its place.
func must(what string, err tcpip.Error) {
	if err != nil {
		fail(fmt.Errorf("%s: %s", what, err))
	}
}

// Those settings with which it was fastest: SACK; a receive window of its own tuning that may grow to 8 MiB
// (about half the throughput with 512 KiB); a send buffer of 4 MiB (with 256 KiB the buffer decides what a
// segment holds). CUBIC instead of Reno made no difference.
func newStack(link link, address net.IP, subnet *net.IPNet) *stack.Stack {
	s := stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, arp.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol},
	})
	sack := tcpip.TCPSACKEnabled(true)
	moderate := tcpip.TCPModerateReceiveBufferOption(true)
	receive := tcpip.TCPReceiveBufferSizeRangeOption{Min: 4 << 10, Default: 512 << 10, Max: 8 << 20}
	send := tcpip.TCPSendBufferSizeRangeOption{Min: 4 << 10, Default: 4 << 20, Max: 8 << 20}
	for _, option := range []tcpip.SettableTransportProtocolOption{&sack, &moderate, &receive, &send} {
		must("option", s.SetTransportProtocolOption(tcp.ProtocolNumber, option))
	}
	must("interface", s.CreateNICWithOptions(nic, link.endpoint, link.options))
	own := tcpip.Address(address.To4())
	length, _ := subnet.Mask.Size()
	must("address", s.AddProtocolAddress(nic, tcpip.ProtocolAddress{
		Protocol:          ipv4.ProtocolNumber,
		AddressWithPrefix: tcpip.AddressWithPrefix{Address: own, PrefixLen: length},
	}, stack.AddressProperties{}))
	s.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: nic}})
	return s
}

func listen(s *stack.Stack, port uint16, serve func(net.Conn)) {
	var queue waiter.Queue
	endpoint, err := s.NewEndpoint(tcp.ProtocolNumber, ipv4.ProtocolNumber, &queue)
	must("endpoint", err)
	must("bind", endpoint.Bind(tcpip.FullAddress{Port: port}))
	must("listen", endpoint.Listen(backlog))
	listener := gonet.NewTCPListener(s, &queue, endpoint)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				fail(err)
			}
			go func() {
				defer connection.Close()
				serve(connection)
			}()
		}
	}()
}

func sink(connection net.Conn) {
	buffer := make([]byte, bufferSize)
	for {
		if _, err := connection.Read(buffer); err != nil {
			return
		}
	}
}

func source(connection net.Conn) {
	buffer := make([]byte, writeSize)
	for {
		if _, err := connection.Write(buffer); err != nil {
			return
		}
	}
}

func echo(connection net.Conn) {
	buffer := make([]byte, message)
	for {
		if _, err := io.ReadFull(connection, buffer); err != nil {
			return
		}
		if _, err := connection.Write(buffer); err != nil {
			return
		}
	}
}

func requestClose(connection net.Conn) {
	buffer := make([]byte, message)
	if _, err := io.ReadFull(connection, buffer); err == nil {
		connection.Write(buffer)
	}
}

func main() {
	device := flag.String("device", "", "tun:NAME or packet:NAME")
	address := flag.String("address", "", "ADDRESS/PREFIX")
	flag.Parse()
	ip, subnet, err := net.ParseCIDR(*address)
	if err != nil {
		fail(err)
	}
	// A connection that ends before it is accepted is no news.
	log.SetTarget(log.GoogleEmitter{Writer: &log.Writer{Next: io.Discard}})
	kind, name, _ := strings.Cut(*device, ":")
	var on link
	switch kind {
	case "tun":
		on, err = openTun(name)
	case "packet":
		on, err = openPacketSocket(name)
	default:
		err = fmt.Errorf("gVisor takes --device tun:NAME or packet:NAME, not %q", *device)
	}
	if err != nil {
		fail(err)
	}
	s := newStack(on, ip, subnet)
	services := map[uint16]func(net.Conn){5001: sink, 5002: source, 5003: echo, 5004: requestClose, 5005: echo}
	for port, serve := range services {
		listen(s, port, serve)
	}
	fmt.Println("ready")
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		ended <- syscall.SIGTERM
	}()
	<-ended
}
