import { readFileSync } from "node:fs";
import { test } from "vitest";
import { C, inet, PosixWorld, maskText, show } from "../../../test/sim/posix-world.ts";
import { int32 } from "./control-messages.ts";
import { readTcpInfo } from "./tcp-info-struct.ts";
test("diff", () => {
  const seqs = JSON.parse(readFileSync("/tmp/probe/diff/seqs2.json", "utf8"));
  const kernel = JSON.parse(readFileSync("/tmp/probe/diff/kernel2.json", "utf8"));
  let bad = 0; const kinds = new Map<string, number>();
  seqs.forEach((seq: any[], i: number) => {
    const w = new PosixWorld(); const p = w.a; const base = 2000 + (i*3)%20000; const slot = new Map<number, number>();
    const mine = seq.map(op => {
      const fd = slot.get(op[1]) ?? 990;
      let r: any;
      switch (op[0]) {
        case "socket": if (fd !== 990) p.sys.close(fd); slot.set(op[1], p.tcp(C.SOCK_NONBLOCK)); r = 0; break;
        case "bind": r = show(p.sys.bind(fd, inet(op[2], op[3] === 2 ? 0 : base + op[3]))); break;
        case "opt": r = show(p.sys.setsockopt(fd, op[2], op[3], int32(op[4]))); break;
        case "listen": r = show(p.sys.listen(fd, op[2])); break;
        case "connect": r = p.connect(fd, inet("127.0.0.1", base + op[2])); break;
        case "accept": r = show(p.sys.accept4(fd, null, C.SOCK_NONBLOCK)); if (typeof r === "number") { const old = slot.get(op[2]); if (old !== undefined) p.sys.close(old); slot.set(op[2], r); r = "ok"; } break;
        case "close": r = show(p.sys.close(fd)); slot.delete(op[1]); break;
        case "shutdown": r = show(p.sys.shutdown(fd, op[2])); break;
        case "disconnect": r = p.disconnect(fd); break;
        case "error": r = p.error(fd); break;
        case "mask": { const d = { fd, events: 0x20ff, revents: 0 }; p.sys.poll([d], 0); r = maskText(d.revents); break; }
        case "send": r = p.send(fd, op[2]); break;
        case "recv": r = p.recv(fd, op[2]); break;
        case "port": { const o = { bytes: new Uint8Array(16), length: 16 }; const g = show(p.sys.getsockname(fd, o)); if (g === 0) { const q = p.port(fd); r = q - base >= 0 && q - base < 3 ? q - base : q === 0 ? "zero" : "drawn"; } else r = g; break; }
        case "info": { const b = new Uint8Array(280); const g = show(p.sys.getsockopt(fd, 6, 11, b, { value: 280 })); r = g === 0 ? readTcpInfo(b).tcpi_state : g; break; }
      }
      w.pass(0.05);
      return r;
    });
    const at = mine.findIndex((r: any, j: number) => r !== kernel[i][j]);
    if (at >= 0) { bad++; const kind = `${seq[at][0]} k=${kernel[i][at]} p=${mine[at]}`; kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if ((kinds.get(kind) ?? 0) <= 1) console.log(i, "\n" + seq.slice(0, at + 1).map((o: any, j: number) => `  ${j === at ? ">>" : "  "} ${JSON.stringify(o)} kernel=${kernel[i][j]} postel=${mine[j]}`).join("\n")); }
  });
  console.log("differences", bad, "of", seqs.length, [...kinds]);
});
