/**
 * The page's files, as Vite has built them into `dist/page`: only what was there when the server began, so no
 * path leads elsewhere. Nothing they load comes from another server, and nothing they show can run.
 */
import { existsSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import sirv from "sirv";

/** Of the built package. */
export const PAGE_FOLDER = fileURLToPath(new URL("../../page", import.meta.url));

const POLICY = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const SECURITY_HEADERS = {
  "Content-Security-Policy": POLICY,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Cache-Control": "no-store",
} as const;

export function setSecurityHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
}

export type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves the files of a folder. What is not there is answered by `otherwise`. */
export function pageFiles(folder: string, otherwise: Serve): Serve {
  if (!existsSync(folder)) return otherwise;
  // The names of what the build made contain a hash of the content.
  const serve = sirv(folder, {
    setHeaders: (response, path) => {
      if (path.startsWith("/assets/"))
        response.setHeader("Cache-Control", "private, max-age=31536000, immutable");
    },
  });
  return (request, response) => serve(request, response, () => otherwise(request, response));
}
