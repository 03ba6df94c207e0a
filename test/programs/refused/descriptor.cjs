/** Takes over a descriptor that is a socket of the kernel's: its standard input. */
try {
  new (require("node:net").Socket)({ fd: 0 });
} catch (error) {
  console.log(error.code, error.message);
}
