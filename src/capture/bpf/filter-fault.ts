/**
 * What can be wrong with a filter's text: of which kind it is and what was found, so that it can be told in
 * any language; and in English, as the end of a sentence.
 */
export type FilterFault =
  /** `found`: what stands there instead; undefined: the text ends. */
  | {
      readonly kind: "number-expected" | "keyword-expected" | "address-expected" | "mask-expected";
      readonly found: string | undefined;
    }
  | { readonly kind: "port-expected"; readonly found: string | undefined }
  | { readonly kind: "expected"; readonly text: string; readonly found: string | undefined }
  | { readonly kind: "unexpected" | "not-understood"; readonly text: string }
  | {
      readonly kind: "no-ipv4" | "no-ipv6" | "no-32-bits" | "no-port" | "no-ethertype";
      readonly text: string;
    }
  | { readonly kind: "no-ip-protocol" | "no-bytes" | "no-ports" | "no-group"; readonly text: string }
  | { readonly kind: "no-such-proto" | "not-whole" | "needs-ethernet"; readonly text: string }
  | { readonly kind: "no-keyword" | "name-not-looked-up"; readonly text: string }
  | { readonly kind: "no-such-address"; readonly protocol: string; readonly text: string }
  | { readonly kind: "too-large"; readonly text: string; readonly limit: number }
  | { readonly kind: "bits-beyond"; readonly bits: number }
  | { readonly kind: "misplaced-mac" | "mask-with-holes" | "too-long" | "too-deep" | "division-by-zero" }
  | { readonly kind: "odd-load" | "no-comparison" }
  /** Words for captures that we do not read. */
  | {
      readonly kind: "foreign-word";
      readonly text: string;
      readonly subject: "wireless LANs" | "ATM" | "pf" | "SS7";
    }
  | { readonly kind: "no-osi-protocol" | "no-such-chain"; readonly text: string }
  | { readonly kind: "behind-mpls" | "needs-untagged"; readonly text: string }
  | { readonly kind: "interface-expected"; readonly found: string | undefined }
  | { readonly kind: "too-many-tunnels"; readonly limit: number }
  | { readonly kind: "no-gateway" | "no-decnet-address" | "no-interface-index" }
  | { readonly kind: "no-link-filters"; readonly linkType: number }
  /** What the verifier says of the program: a filter of a million terms has none that is short enough. */
  | { readonly kind: "bad-program"; readonly text: string };

export function faultText(fault: FilterFault): string {
  switch (fault.kind) {
    case "number-expected":
      return `a number is expected${instead(fault.found)}`;
    case "keyword-expected":
      return `a keyword is expected${instead(fault.found)}`;
    case "address-expected":
      return `an address is expected${instead(fault.found)}`;
    case "mask-expected":
      return `a mask is expected${instead(fault.found)}`;
    case "port-expected":
      return `a port number, or the name of a well-known one, is expected${instead(fault.found)}`;
    case "expected":
      return `"${fault.text}" is expected${instead(fault.found)}`;
    case "unexpected":
      return `"${fault.text}" is not expected here`;
    case "not-understood":
      return `"${fault.text}" is not understood`;
    case "no-ipv4":
      return `"${fault.text}" is no IPv4 address`;
    case "no-ipv6":
      return `"${fault.text}" is no IPv6 address`;
    case "no-32-bits":
      return `"${fault.text}" is no number of 32 bits`;
    case "no-port":
      return `there is no port ${fault.text}`;
    case "no-ethertype":
      return `"${fault.text}" is no EtherType`;
    case "no-ip-protocol":
      return `"${fault.text}" is no IP protocol`;
    case "no-bytes":
      return `"${fault.text}" is no protocol with bytes`;
    case "no-ports":
      return `"${fault.text}" has no ports`;
    case "no-group":
      return `no such ${fault.text} here`;
    case "no-such-proto":
      return `"${fault.text} proto" is not known`;
    case "not-whole":
      return `"${fault.text}" is no whole address: use "net"`;
    case "needs-ethernet":
      return `"${fault.text}" needs a link of Ethernet`;
    case "no-keyword":
      return `"${fault.text}" is no keyword, and names are not looked up`;
    case "name-not-looked-up":
      return `names such as "${fault.text}" are not looked up`;
    case "no-such-address":
      return `"${fault.protocol}" has no address like ${fault.text}`;
    case "too-large":
      return `${fault.text} is more than ${fault.limit}`;
    case "bits-beyond":
      return `bits are set beyond the first ${fault.bits}`;
    case "misplaced-mac":
      return 'Ethernet addresses stand after "ether host", "ether src" or "ether dst"';
    case "mask-with-holes":
      return "the mask has holes";
    case "too-long":
      return "the filter is too long";
    case "too-deep":
      return "nested too deeply";
    case "division-by-zero":
      return "a division by 0";
    case "odd-load":
      return "only 1, 2 or 4 bytes are loaded";
    case "no-comparison":
      return "a comparison is missing";
    case "foreign-word":
      return `"${fault.text}" is about ${fault.subject}, whose captures are not read`;
    case "no-osi-protocol":
      return `"${fault.text}" is no protocol of OSI`;
    case "no-such-chain":
      return `"${fault.text} protochain" is not known`;
    case "behind-mpls":
      return `behind MPLS only IP can be told, not "${fault.text}"`;
    case "needs-untagged":
      return `"${fault.text}" needs a link of Ethernet, and does not stand behind MPLS`;
    case "interface-expected":
      return `an interface's name is expected${instead(fault.found)}`;
    case "too-many-tunnels":
      return `no more than ${fault.limit} tunnels, one in another, are looked into`;
    case "no-gateway":
      return 'names are not looked up: instead of "gateway", "ether host MAC and not host ADDRESS"';
    case "no-decnet-address":
      return "addresses of DECnet are not known";
    case "no-interface-index":
      return '"ifindex" is known on Linux cooked v2 only: elsewhere, ask for "ifname"';
    case "no-link-filters":
      return `no filters for link type ${fault.linkType}`;
    case "bad-program":
      return fault.text;
  }
}

function instead(found: string | undefined): string {
  return found === undefined ? "" : `, not "${found}"`;
}
