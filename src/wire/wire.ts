/** The room's door, for users of the package: addresses. Codecs are taken from their own files. */
export { ANY_V4, ANY_V6, IpAddress, type IpFamily, ip, parseIpAddress } from "./address.ts";
export { type MacAddress, macText, parseMac } from "./mac-address.ts";
