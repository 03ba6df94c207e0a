// A Postel host on a TUN device (root, Linux): `ping 10.77.0.2`, and `nc 10.77.0.2 7` echoes what it is sent.
import { Host } from "@postel/stack/host";
import { CryptoRandom, configureKernelSide, Driver, openTun } from "@postel/stack/node";
import { listenTcp } from "@postel/stack/socket";
import { ip } from "@postel/stack/wire";

const driver = new Driver();
const device = openTun({ kind: "tun", scheduler: driver });
await configureKernelSide(device.name, { addresses: ["10.77.0.1/24"], up: true });

const host = new Host({ clock: driver, random: new CryptoRandom(), scheduler: driver });
host.attach(device, {
  addresses: [{ address: ip("10.77.0.2"), prefixLength: 24 }],
  gateways: [ip("10.77.0.1")],
});
driver.add(host);

console.log(`10.77.0.2 is on ${device.name}`);
for await (const stream of listenTcp(host, { port: 7 })) {
  stream.readable.pipeTo(stream.writable).catch(error => console.log(error.message));
}
