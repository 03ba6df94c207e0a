/**
 * What Node's own modules time with timers that nobody can exchange: the idle timeout of sockets
 * (`setTimeout`, keep-alive and timeouts of HTTP are made of it), and the Date header of HTTP.
 */
import http from "node:http";
import net from "node:net";
import { hiddenSymbol } from "../programs/hidden-symbol.ts";
import type { Replacements } from "./replacements.ts";
import type { VirtualTimeout, VirtualTimers } from "./virtual-timers.ts";

interface SocketInside {
  destroyed: boolean;
  timeout: number | undefined;
  _onTimeout(): void;
  [timer: symbol]: unknown;
}

export function replaceSocketTimeouts(replacements: Replacements, timers: VirtualTimers): void {
  const ours = new WeakMap<object, VirtualTimeout>();
  const timer = hiddenSymbol(new net.Socket(), "timeout");

  replacements.replace(net.Socket.prototype, "setTimeout", setReal => {
    return function (this: net.Socket & SocketInside, ms: number, call?: () => void) {
      ours.get(this)?.close();
      ours.delete(this);
      setReal.call(this, ms, call);
      const real = this[timer] as NodeJS.Timeout | null | undefined;
      if (ms > 0 && real !== null && real !== undefined) {
        clearTimeout(real);
        const timeout = timers.set(() => !this.destroyed && this._onTimeout(), ms, false);
        ours.set(this, timeout);
        // `net` refreshes what it finds here, whenever the socket is used.
        this[timer] = timeout;
      }
      return this;
    } as typeof setReal;
  });
}

/** The answers of HTTP servers tell the world's date. */
export function replaceDateHeader(replacements: Replacements): void {
  replacements.replace(http.ServerResponse.prototype, "writeHead", writeReal => {
    return function (this: http.ServerResponse, ...args: unknown[]) {
      if (this.sendDate && !this.headersSent && !this.hasHeader("date")) {
        this.setHeader("Date", new Date().toUTCString());
      }
      return (writeReal as (...given: unknown[]) => unknown).apply(this, args);
    } as typeof writeReal;
  });
}
