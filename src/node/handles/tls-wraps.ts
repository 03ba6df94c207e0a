/**
 * Which handles TLS has wrapped. What is read passes through the wrap, but a read error has to be told to it
 * directly: a JSStream has no way to report one.
 */
import { binding, type NativeStream } from "./bindings.ts";

const wraps = new WeakMap<object, NativeStream>();
const tls = binding("tls_wrap");
const { wrap } = tls;

tls.wrap = (stream, ...rest) => {
  const wrapped = wrap(stream, ...rest);
  wraps.set(stream, wrapped);
  return wrapped;
};

/** Who is to hear of what happens to the handle: TLS around it, or itself. */
export function hearerOf(handle: NativeStream): NativeStream {
  const around = wraps.get(handle);
  return around === undefined ? handle : hearerOf(around);
}
