/**
 * What the page opens when it is loaded: the scene that its address names, else what its server has to show.
 * From then on the address follows what is open, so that it can be handed on.
 */
import { effect } from "@preact/signals";
import { opened, openFile, openLive, openScene, session } from "./opened.ts";
import { type Place, readPlace, writePlace } from "./place.ts";
import { shownViews, showViews } from "./workspace.ts";

/** What `source.json` of the server says. */
type ServedSource = { readonly source: "live" | "none" } | { readonly source: "file"; readonly name: string };

export async function arrive(): Promise<void> {
  const place = readPlace(location.hash);
  await open(place);
  addEventListener("hashchange", () => moveTo(readPlace(location.hash)));
  effect(() => {
    const address = writePlace(placeNow());
    if (address !== location.hash) history.replaceState(undefined, "", address || location.pathname);
  });
}

async function open(place: Place): Promise<void> {
  const served = await servedSource();
  if (place.scene !== undefined) openScene(place.scene, place.seed, place.connection);
  else if (served.source === "live") openLive(place.connection);
  else if (served.source === "file") await openServedFile(served.name, place.connection);
  if (place.views.length > 0) showViews(place.views);
  else if (opened.peek().kind === "nothing") showViews(["scenes"]);
}

/** A file that the user has chosen: what was found in it is shown first. */
export function arriveAt(file: File): void {
  openFile(file, file.name);
  showViews(["ladder", "findings"]);
}

/** The user has changed the address by hand, or followed a link within the page. */
function moveTo(place: Place): void {
  const now = placeNow();
  if (writePlace(place) === writePlace(now)) return;
  if (place.scene !== undefined && (place.scene !== now.scene || place.seed !== now.seed)) {
    openScene(place.scene, place.seed, place.connection);
  } else if (place.connection !== undefined) session.peek().select(place.connection);
  showViews(place.views);
}

function placeNow(): Place {
  const what = opened.value;
  const { hello, selected } = session.value;
  return {
    scene: what.kind === "scene" ? what.scene : undefined,
    seed: what.kind === "scene" ? hello.value?.seed : undefined,
    views: shownViews.value,
    connection: selected.value,
  };
}

/** A server that says nothing has nothing: the scenes are in the page itself. */
async function servedSource(): Promise<ServedSource> {
  try {
    const answer = await fetch("source.json");
    return answer.ok ? ((await answer.json()) as ServedSource) : { source: "none" };
  } catch {
    return { source: "none" };
  }
}

async function openServedFile(name: string, connection: number | undefined): Promise<void> {
  const answer = await fetch("file");
  openFile(await answer.blob(), name, connection);
  showViews(["ladder", "findings"]);
}
