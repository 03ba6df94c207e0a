import { expect, test } from "vitest";
import { SeededRandom } from "../../base/random.ts";
import { Host } from "../../host/host.ts";
import { createPair } from "../../link/pair.ts";
import { VirtualTime } from "../../link/virtual-time.ts";
import { ip } from "../../wire/address.ts";
import { statusOf } from "./host-status.ts";
import { escapeHtml, indexPage, livePart } from "./index-page.ts";

function newHost(name: string): Host {
  const time = new VirtualTime();
  const host = new Host({ clock: time, scheduler: time, random: new SeededRandom(1), name });
  const [device] = createPair(time);
  host.attach(device, {
    addresses: [{ address: ip("10.0.0.1"), prefixLength: 24 }],
    duplicateDetection: false,
  });
  return host;
}

test("whatever a name holds is text on the page", () => {
  const page = indexPage(statusOf(newHost(`<script>alert("1")</script>'&`), 0));
  expect(page).not.toContain("<script>alert");
  expect(page).toContain("&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#39;&#38;");
  expect(escapeHtml(`<&>"'`)).not.toMatch(/[<>"']/);
});

test("the page asks nobody else for anything", () => {
  expect(indexPage(statusOf(newHost("h"), 0))).not.toMatch(/(src|href)="(?!\/|data:)/);
});

test("connections, listeners and addresses are on it", () => {
  const host = newHost("h");
  host.tcp.listen({ port: 8_080 });
  const connection = host.tcp.connect({ remote: ip("10.0.0.2"), remotePort: 443 });
  host.poll();
  const live = livePart(statusOf(host, 0));
  expect(live).toContain("10.0.0.2:443");
  expect(live).toContain("SYN-SENT");
  expect(live).toContain(`<dt>localPort</dt><dd>${connection.localPort.toLocaleString("en")}</dd>`);
  expect(live).toContain("<td>8080</td>");
  expect(live).toContain("10.0.0.1/24");
});

test("the status is plain data: it survives JSON", () => {
  const host = newHost("h");
  host.tcp.listen({ port: 8_080 });
  host.tcp.connect({ remote: ip("10.0.0.2"), remotePort: 443 });
  const status = JSON.parse(JSON.stringify(statusOf(host, 0)));
  expect(status).toMatchObject({
    name: "h",
    totals: { connections: 1, halfOpen: 0, timeWait: 0 },
    connections: [{ state: "SYN-SENT", remotePort: 443 }],
    listeners: [{ port: 8_080, address: "*" }],
  });
});
