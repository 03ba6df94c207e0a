/** Writes much and forgets about it: nothing keeps the process alive after that. */
import { connect } from "node:net";

const socket = connect(Number(process.argv[2]), "127.0.0.1");
socket.end(Buffer.alloc(500_000));
socket.unref();
