/**
 * The first window, and the scale of all that follow: RFC 9293 §3.10.1, RFC 7323 §2.2 and §2.3. As Linux: the
 * window of a SYN is at most 65,535 bytes (it is not scaled) and whole segments; the scale is chosen for the
 * largest buffer that tuning may reach, for it can never be changed.
 */
import { MAX_WINDOW_SCALE } from "../../wire/tcp-options.ts";

const LARGEST_UNSCALED = 0xffff;
/** RFC 7323 §2.2 has peers that take the field for a signed number. */
export const LARGEST_SIGNED = 32_767;

export interface InitialWindowConfig {
  readonly receiveBuffer: number;
  readonly receiveBufferLimit: number;
  readonly receiveBufferFixed: boolean;
  readonly receiveBufferCeiling: number;
  readonly windowClamp: number;
  readonly signedWindows: boolean;
}

/** The largest window that the user allows; 0: whatever can be told. */
export function userClamp(config: InitialWindowConfig): number {
  const { windowClamp, receiveBuffer, receiveBufferFixed } = config;
  if (!receiveBufferFixed) return windowClamp;
  return windowClamp === 0 ? receiveBuffer : Math.min(windowClamp, receiveBuffer);
}

/** @param segment the text of one of the peer's segments */
export function initialWindow(config: InitialWindowConfig, segment: number): number {
  const clamp = userClamp(config);
  const space = clamp === 0 ? config.receiveBuffer : Math.min(config.receiveBuffer, clamp);
  const whole = space > segment ? space - (space % segment) : space;
  return Math.min(whole, config.signedWindows ? LARGEST_SIGNED : LARGEST_UNSCALED);
}

/** The smallest shift that can tell half of Linux's tcp_rmem[2]: what that buffer's window is. */
export function windowScaleFor(config: InitialWindowConfig): number {
  const clamp = userClamp(config);
  const most = Math.max(config.receiveBuffer, 2 * config.receiveBufferLimit, config.receiveBufferCeiling);
  const space = clamp === 0 ? most : Math.min(most, clamp);
  return Math.max(0, Math.min(Math.floor(Math.log2(space)) - 15, MAX_WINDOW_SCALE));
}
