/** A narrow link between two routers: with their reports, and without. RFC 1191, RFC 4821. */
import { milliseconds, seconds } from "../../base/time.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { type IpAddress, ip } from "../../wire/address.ts";
import { Firewall } from "../firewall.ts";
import { isIcmp } from "../frames.ts";
import { scene } from "../scene.ts";
import { attach } from "../stage.ts";
import { pathMtu } from "../texts/path-mtu.ts";
import { pages, readAll, serve } from "../users.ts";

const NARROW = 1_200;
const BYTES = 20_000;
/** Two addresses of the server's: what a host learns of a path, it learns for one address. */
const REPORTED = ip("10.0.3.2");
const SILENT = ip("10.0.3.3");

export const pathMtuScene = scene(pathMtu, stage => {
  const way = { delay: milliseconds(15) };
  const both = { aToB: way, bToA: way };
  const near = stage.link("client", "west", both);
  const narrow = stage.link("west", "east", { ...both, mtu: NARROW });
  const far = stage.link("east", "server", both);
  const client = stage.host("client", { tcp: { mtuProbing: 1 } });
  const west = stage.host("west", { net: { forwarding: true } });
  const east = stage.host("east", { net: { forwarding: true } });
  const server = stage.host("server");
  const firewall = new Firewall(near.b);
  attach(client, near.a, [ip("10.0.1.1")], ip("10.0.1.254"));
  attach(west, firewall, [ip("10.0.1.254")]);
  attach(west, narrow.a, [ip("10.0.2.1")], ip("10.0.2.2"));
  attach(east, narrow.b, [ip("10.0.2.2")], ip("10.0.2.1"));
  attach(east, far.a, [ip("10.0.3.254")]);
  attach(server, far.b, [REPORTED, SILENT], ip("10.0.3.254"));
  let received = 0;
  serve(server.tcp.listen({ port: 80 }), c => {
    received += readAll(c).length;
  });
  const sendTo = (remote: IpAddress, localPort: number): TcpConnection => {
    const connection = client.tcp.connect({ remote, remotePort: 80, localPort });
    stage.when(
      () => connection.state === "ESTABLISHED",
      () => connection.send(pages(BYTES)),
    );
    return connection;
  };
  let first: TcpConnection | undefined;
  let second: TcpConnection | undefined;
  stage.at(milliseconds(100), () => {
    first = sendTo(REPORTED, 40_001);
  });
  stage.at(seconds(2), () => {
    firewall.refuses = isIcmp;
    second = sendTo(SILENT, 40_002);
  });
  const isSent = (connection: TcpConnection | undefined, total: number): boolean =>
    connection?.sendQueue === 0 && received === total;
  return {
    moments: {
      tooLarge: () => west.drops.get("ip-too-big") > 0,
      reported: () => first !== undefined && first.tally.retransmissions.size > 0,
      firstSent: () => isSent(first, BYTES),
      blackHole: () => second !== undefined && second.tally.retransmissions.timeout > 0,
      searching: () => second?.probing !== undefined && second.tcb.snd.mss < 1_100,
      secondSent: () => isSent(second, 2 * BYTES),
    },
    isOver: () => isSent(second, 2 * BYTES) || second?.isOver === true,
  };
});
