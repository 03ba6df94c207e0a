/**
 * Where the page is, as the part of its address after `#`: what is open, what is shown, which connection.
 * `#scene=three-way-handshake&seed=7&view=ladder,states&connection=2`
 */
import { isViewId, type ViewId } from "./view-id.ts";

export interface Place {
  readonly scene: string | undefined;
  readonly seed: number | undefined;
  readonly views: readonly ViewId[];
  readonly connection: number | undefined;
}

export function readPlace(hash: string): Place {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const scene = fields.get("scene") ?? undefined;
  return {
    // It becomes a key of a table: names are plain.
    scene: scene !== undefined && /^[a-z0-9-]{1,64}$/.test(scene) ? scene : undefined,
    seed: whole(fields.get("seed")),
    views: [...new Set((fields.get("view") ?? "").split(",").filter(isViewId))],
    connection: whole(fields.get("connection")),
  };
}

export function writePlace(place: Place): string {
  const fields: string[] = [];
  if (place.scene !== undefined) fields.push(`scene=${place.scene}`);
  if (place.seed !== undefined) fields.push(`seed=${place.seed}`);
  if (place.views.length > 0) fields.push(`view=${place.views.join(",")}`);
  if (place.connection !== undefined) fields.push(`connection=${place.connection}`);
  return fields.length === 0 ? "" : `#${fields.join("&")}`;
}

function whole(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
