/** Hands a file to the user. */
export function download(chunks: Uint8Array<ArrayBuffer>[], name: string): void {
  const address = URL.createObjectURL(new Blob(chunks, { type: "application/vnd.tcpdump.pcap" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it when the click is over; not all do so at once.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
