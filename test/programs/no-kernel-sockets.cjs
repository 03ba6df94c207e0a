/** Loaded before Postel: a program that makes a socket of the kernel's work ends with an error. */
for (const [binding, name, methods] of [
  ["tcp_wrap", "TCP", ["open", "bind", "bind6", "listen", "connect", "connect6"]],
  ["udp_wrap", "UDP", ["open", "bind", "bind6", "connect", "connect6", "send", "send6"]],
]) {
  const { prototype } = process.binding(binding)[name];
  for (const method of methods) {
    prototype[method] = () => {
      throw new Error(`a socket of the kernel's: ${name}.${method}`);
    };
  }
}
