/** What is wrong with a filter of packets, as the end of a sentence, in the page's languages. */
import { type FilterFault, faultText } from "../../../src/capture/bpf/filter-fault.ts";
import type { Language } from "./language.ts";

export function filterFaultText(fault: FilterFault, language: Language): string {
  return language === "en" ? faultText(fault) : chinese(fault);
}

function chinese(fault: FilterFault): string {
  switch (fault.kind) {
    case "number-expected":
      return `这里应是数字${instead(fault.found)}`;
    case "keyword-expected":
      return `这里应是关键字${instead(fault.found)}`;
    case "address-expected":
      return `这里应是地址${instead(fault.found)}`;
    case "mask-expected":
      return `这里应是掩码${instead(fault.found)}`;
    case "port-expected":
      return `这里应是端口号或常用端口的名称${instead(fault.found)}`;
    case "expected":
      return `这里应是“${fault.text}”${instead(fault.found)}`;
    case "unexpected":
      return `这里不应出现“${fault.text}”`;
    case "not-understood":
      return `无法理解“${fault.text}”`;
    case "no-ipv4":
      return `“${fault.text}”不是 IPv4 地址`;
    case "no-ipv6":
      return `“${fault.text}”不是 IPv6 地址`;
    case "no-32-bits":
      return `“${fault.text}”不是 32 位的数字`;
    case "no-port":
      return `没有端口 ${fault.text}`;
    case "no-ethertype":
      return `“${fault.text}”不是 EtherType`;
    case "no-ip-protocol":
      return `“${fault.text}”不是 IP 协议`;
    case "no-bytes":
      return `“${fault.text}”不是可以取字节的协议`;
    case "no-ports":
      return `“${fault.text}”没有端口`;
    case "no-group":
      return `这里不能用 ${fault.text}`;
    case "no-such-proto":
      return `没有“${fault.text} proto”这种写法`;
    case "not-whole":
      return `“${fault.text}”不是完整的地址，请用“net”`;
    case "needs-ethernet":
      return `“${fault.text}”只能用于以太网链路`;
    case "no-keyword":
      return `“${fault.text}”不是关键字，名称也不会被解析`;
    case "name-not-looked-up":
      return `不解析“${fault.text}”这样的名称`;
    case "no-such-address":
      return `“${fault.protocol}”没有 ${fault.text} 这样的地址`;
    case "too-large":
      return `${fault.text} 大于 ${fault.limit}`;
    case "bits-beyond":
      return `前 ${fault.bits} 位之后还有非零的位`;
    case "misplaced-mac":
      return "以太网地址只能写在“ether host”“ether src”或“ether dst”之后";
    case "mask-with-holes":
      return "掩码不连续";
    case "too-long":
      return "过滤条件太长";
    case "too-deep":
      return "嵌套太深";
    case "division-by-zero":
      return "除数为 0";
    case "odd-load":
      return "只能取 1、2 或 4 个字节";
    case "no-comparison":
      return "缺少比较";
    case "foreign-word":
      return `“${fault.text}”用于${SUBJECTS[fault.subject]}，这类抓包不能读取`;
    case "no-osi-protocol":
      return `“${fault.text}”不是 OSI 协议`;
    case "no-such-chain":
      return `没有“${fault.text} protochain”这种写法`;
    case "behind-mpls":
      return `MPLS 之后只能判断 IP，不能判断“${fault.text}”`;
    case "needs-untagged":
      return `“${fault.text}”只能用于以太网链路，且不能在 MPLS 之后`;
    case "interface-expected":
      return `这里应是接口名称${instead(fault.found)}`;
    case "too-many-tunnels":
      return `最多解析 ${fault.limit} 层隧道`;
    case "no-gateway":
      return "不解析名称：请用“ether host MAC and not host ADDRESS”代替“gateway”";
    case "no-decnet-address":
      return "不支持 DECnet 地址";
    case "no-interface-index":
      return "“ifindex”只能用于 Linux cooked v2，其他链路请用“ifname”";
    case "no-link-filters":
      return `链路类型 ${fault.linkType} 不能过滤`;
    case "bad-program":
      return "过滤条件过于复杂，无法编译";
  }
}

const SUBJECTS: Readonly<Record<Extract<FilterFault, { kind: "foreign-word" }>["subject"], string>> = {
  "wireless LANs": "无线局域网",
  ATM: " ATM ",
  pf: " pf ",
  SS7: " SS7 ",
};

function instead(found: string | undefined): string {
  return found === undefined ? "" : `，而不是“${found}”`;
}
