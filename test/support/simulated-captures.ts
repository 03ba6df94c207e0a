/**
 * Captures of both ends of a simulated transfer over a path that loses, reorders and doubles; and what its
 * sender's probe has told.
 */
import { concatBytes } from "../../src/base/bytes.ts";
import { milliseconds, seconds } from "../../src/base/time.ts";
import { LINK_TYPE } from "../../src/capture/link-type.ts";
import { PcapngWriter } from "../../src/capture/pcapng-writer.ts";
import { Host } from "../../src/host/host.ts";
import type { NetDevice } from "../../src/link/net-device.ts";
import { tap } from "../../src/link/tap.ts";
import { ADDRESS_A, ADDRESS_B } from "../../src/sim/sim-host.ts";
import { connect } from "../../src/sim/topology.ts";
import { World } from "../../src/sim/world.ts";
import { CONNECTION_EVENT } from "../../src/tcp/connection-events.ts";
import type { EventOf } from "../../src/trace/event.ts";
import { TraceRecorder } from "../../src/trace/recorder.ts";

const PORT = 80;
const TEXT = new Uint8Array(150_000);

export interface Simulated {
  /** At the sender, and at the receiver. */
  readonly captures: readonly [Uint8Array, Uint8Array];
  /** Each segment that the sender sent, as it told. */
  readonly sent: readonly EventOf<"tcp:sent">[];
}

/** The same seed, the same captures. */
export function simulatedCaptures(seed: number, loss = 0.02): Simulated {
  const world = new World({ seed });
  const delay = milliseconds(10);
  const forth = { delay, loss, duplicate: 0.01, jitter: milliseconds(seed % 2 === 0 ? 2 : 0) };
  const link = connect(world, { medium: "ip", aToB: forth, bToA: { delay, loss: 0.01 } });
  const near = new Capture(world);
  const far = new Capture(world);
  const sender = host(world, near.watch(link.a), ADDRESS_A);
  const told: EventOf<"tcp:sent">[] = [];
  new TraceRecorder({
    sink: event => {
      if (event.name === "tcp:sent") told.push(event);
    },
  }).watch(sender);
  const receiver = host(world, far.watch(link.b), ADDRESS_B);
  const target = new Uint8Array(1 << 16);
  receiver.tcp.listen({ port: PORT }).observer = {
    acceptable: listener =>
      listener.accept()?.observe({
        connectionEvent(connection, events) {
          while (connection.receive(target) > 0);
          if ((events & CONNECTION_EVENT.peerClosed) !== 0) connection.close();
        },
      }),
  };
  let sent = 0;
  sender.tcp.connect({ remote: ADDRESS_B, remotePort: PORT }).observe({
    connectionEvent(connection, events) {
      if ((events & (CONNECTION_EVENT.connected | CONNECTION_EVENT.writable)) === 0) return;
      while (sent < TEXT.length) {
        const taken = connection.send(TEXT.subarray(sent));
        if (taken === 0) return;
        sent += taken;
      }
      connection.close();
    },
  });
  world.runFor(seconds(30));
  return { captures: [near.file(), far.file()], sent: told };
}

function host(world: World, device: NetDevice, address: typeof ADDRESS_A): Host {
  const made = new Host({ clock: world, random: world.random.fork() });
  made.attach(device, { addresses: [{ address, prefixLength: 24 }], duplicateDetection: false });
  world.add(made, address.toString());
  return made;
}

class Capture {
  readonly #world: World;
  readonly #chunks: Uint8Array[] = [];
  readonly #writer = new PcapngWriter(chunk => this.#chunks.push(chunk));
  readonly #interface = this.#writer.addInterface({ linkType: LINK_TYPE.raw });

  constructor(world: World) {
    this.#world = world;
  }

  watch(device: NetDevice): NetDevice {
    return tap(device, {
      frame: (direction, { bytes, start, end }) =>
        this.#writer.packet(this.#interface, this.#world.now(), bytes, start, end, { direction }),
    });
  }

  file(): Uint8Array {
    this.#writer.end();
    return concatBytes(this.#chunks);
  }
}
