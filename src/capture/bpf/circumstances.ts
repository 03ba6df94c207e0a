/**
 * What is known of a packet beside its bytes, and the offsets beyond all packets at which programs load it:
 * those of Linux, SKF_AD_OFF and what it adds (<linux/filter.h>).
 */
export interface Circumstances {
  readonly direction: "in" | "out" | undefined;
  /** The name of the interface that has seen it. */
  readonly interfaceName: string | undefined;
}

export const NOTHING_KNOWN: Circumstances = { direction: undefined, interfaceName: undefined };

/** Linux's packet type: to us, or ours (others are kinds of the first). */
export const PACKET_TYPE_AT = 0xffff_f004;
export const PACKET_TO_HOST = 0;
export const PACKET_OUTGOING = 4;

/** The interface's number. Ours are the places of names in a filter, from 1. */
export const INTERFACE_AT = 0xffff_f008;
