/**
 * The index page: what the host knows of itself, as HTML without any external asset. The live part is fetched
 * again every two seconds, or the whole page where scripts do not run.
 */
import type { TcpInfo } from "../../tcp/tcp-info.ts";
import { endText } from "../connection-summary.ts";
import { bytesText, countText, durationText } from "../quantity-text.ts";
import type { EndsStatus, HostStatus } from "./host-status.ts";
import { PAGE_SCRIPT, PAGE_STYLE } from "./page-assets.ts";

/** HTML that needs no escaping any more. */
class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Content = Html | string | number | readonly Content[];

function render(content: Content): string {
  if (content instanceof Html) return content.text;
  if (typeof content === "object") return content.map(render).join("");
  return escapeHtml(String(content));
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}

/** A template whose values are escaped. */
function html(parts: TemplateStringsArray, ...values: Content[]): Html {
  return new Html(
    parts.map((part, i) => (i === 0 ? part : render(values[i - 1] as Content) + part)).join(""),
  );
}

export interface PageLink {
  readonly path: string;
  readonly text: string;
}

export const LINKS: readonly PageLink[] = [
  { path: "/bytes/1000000", text: "a million pseudo-random bytes" },
  { path: "/bytes/100000000", text: "a hundred million" },
  { path: "/status.json", text: "this page as JSON" },
];

export function indexPage(status: HostStatus): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${status.name} · Postel</title>
<link rel="icon" href="data:,">
<style>${new Html(PAGE_STYLE)}</style>
<noscript><meta http-equiv="refresh" content="2"></noscript>
</head>
<body>
<header>
<h1>Postel <small>host <b>${status.name}</b></small></h1>
<p>This page came through a TCP/IP stack written in TypeScript: the connection that carried it is below.</p>
</header>
<section><h2>Try</h2>
<ul class="links">${LINKS.map(({ path, text }) => html`<li><a href="${path}">${path}</a> ${text}</li>`)}
<li><code>POST /sha256</code> hashes what you send, of any size</li>
<li><code>POST /echo</code> sends it back</li></ul>
</section>
<main id="live">${new Html(livePart(status))}</main>
<script>${new Html(PAGE_SCRIPT)}</script>
</body>
</html>
`;
  return page.text;
}

/** What changes. */
export function livePart(status: HostStatus): string {
  const { totals } = status;
  const hidden = totals.connections - status.connections.length;
  return render([
    html`<section><h2>Connections <small>${countText(totals.connections)}</small></h2>
${connectionTable(status.connections)}
${hidden > 0 ? html`<p>… and ${countText(hidden)} more</p>` : ""}</section>`,
    html`<section class="columns">
<div><h2>Listeners</h2>${listenerTable(status)}</div>
<div><h2>Half-open <small>${countText(totals.halfOpen)}</small></h2>
${endsTable(status.halfOpen, "next SYN-ACK in")}</div>
<div><h2>TIME-WAIT <small>${countText(totals.timeWait)}</small></h2>
${endsTable(status.timeWait, "ends in")}</div>
</section>`,
    html`<section><h2>Interfaces</h2>${interfaceTable(status)}</section>`,
    html`<section class="columns">
${Object.entries({ ...status.counters, drops: status.drops }).map(counterBox)}
${neighborBox(status)}</section>`,
    html`<p class="fine">up ${durationText(status.uptime)}</p>`,
  ]);
}

function table(headings: readonly string[], rows: readonly (readonly Content[])[]): Html {
  if (rows.length === 0) return html`<p class="none">none</p>`;
  return html`<div class="scroll"><table>
<thead><tr>${headings.map(heading => html`<th>${heading}</th>`)}</tr></thead>
<tbody>${rows.map(row => html`<tr>${row.map(cell => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

const CONNECTION_HEADINGS = [
  "peer",
  "state",
  "SRTT",
  "RTO",
  "cwnd",
  "in flight",
  "peer's window",
  "sent",
  "received",
  "retransmitted",
  "age",
  "",
] as const;

function connectionTable(connections: readonly TcpInfo[]): Html {
  return table(
    CONNECTION_HEADINGS,
    connections.map(info => [
      endText(info.remoteAddress, info.remotePort),
      info.state,
      info.srtt === 0 ? "–" : durationText(info.srtt),
      durationText(info.rto),
      countText(info.cwnd),
      countText(info.inFlight),
      countText(info.sendWindow),
      bytesText(info.bytesAcked),
      bytesText(info.bytesReceived),
      countText(Object.values(info.retransmissions).reduce((sum, count) => sum + count, 0)),
      durationText(info.duration),
      tcpInfoDetails(info),
    ]),
  );
}

/** Everything in TCP_INFO, folded away. */
function tcpInfoDetails(info: TcpInfo): Html {
  const id = `${info.localPort}-${info.remoteAddress}-${info.remotePort}`;
  return html`<details id="${id}"><summary>TCP_INFO</summary><dl>${Object.entries(info).map(
    ([name, value]) => html`<dt>${name}</dt><dd>${valueText(value)}</dd>`,
  )}</dl></details>`;
}

function valueText(value: unknown): string {
  if (typeof value === "number") return countText(value);
  if (typeof value !== "object" || value === null) return value === undefined ? "–" : String(value);
  return Object.entries(value)
    .map(([name, count]) => `${name} ${String(count)}`)
    .join(", ");
}

function listenerTable({ listeners }: HostStatus): Html {
  return table(
    ["port", "address", "waiting", "half-open"],
    listeners.map(({ port, address, waiting, backlog, halfOpen }) => [
      port,
      address,
      `${waiting} of ${backlog}`,
      halfOpen,
    ]),
  );
}

function endsTable(entries: readonly EndsStatus[], remaining: string): Html {
  return table(
    ["peer", remaining],
    entries.map(entry => [endText(entry.remoteAddress, entry.remotePort), durationText(entry.remaining)]),
  );
}

function interfaceTable({ interfaces }: HostStatus): Html {
  return table(
    [
      "name",
      "medium",
      "MTU",
      "link address",
      "addresses",
      "frames in",
      "frames out",
      "bytes in",
      "bytes out",
      "dropped",
    ],
    interfaces.map(({ name, medium, mtu, mac, addresses, counters }) => [
      name,
      medium,
      mtu,
      mac ?? "–",
      addresses.join(", "),
      ...["receivedFrames", "transmittedFrames", "receivedBytes", "transmittedBytes", "dropped"].map(key =>
        countText(counters[key] ?? 0),
      ),
    ]),
  );
}

/** Counters that are 0 say nothing. */
function counterBox([name, counters]: readonly [string, Readonly<Record<string, number>>]): Content {
  const rows = Object.entries(counters).filter(([, count]) => count > 0);
  if (rows.length === 0) return "";
  const shown = rows.map(([what, count]) => [what, countText(count)]);
  return html`<div><h2>${name}</h2>${table(["", ""], shown)}</div>`;
}

function neighborBox({ neighbors }: HostStatus): Content {
  if (neighbors.length === 0) return "";
  const rows = neighbors.map(({ address, mac, state }) => [address, mac ?? "?", state]);
  return html`<div><h2>neighbors</h2>${table(["address", "link address", "state"], rows)}</div>`;
}
