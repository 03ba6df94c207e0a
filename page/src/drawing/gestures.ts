/**
 * What hands do to a picture: wheel, drag, pinch. The listener is told what is wanted, in pixels of the
 * element; what it does not take goes its usual way.
 */
export interface GestureListener {
  /** Bigger by this factor, around this place. */
  zoom?(factor: number, x: number, y: number): void;
  /** The picture is moved along with the pointer. */
  pan?(dx: number, dy: number): void;
  /** A press and its release in one place. */
  tap?(x: number, y: number): void;
  /** A mouse moves with no button down; undefined: it has left. */
  hover?(x: number | undefined, y: number): void;
  /** Turning the wheel zooms by itself, without Ctrl. */
  readonly wheelZooms: boolean;
  /** A finger that moves scrolls the page as ever; only a mouse pans. */
  readonly touchScrolls: boolean;
}

/** A press that moves no further is a tap. */
const TAP = 5;

interface Place {
  readonly x: number;
  readonly y: number;
}

export function listenForGestures(element: HTMLElement, listener: GestureListener): () => void {
  const pointers = new Map<number, Place>();
  let start: Place | undefined;
  let isMoved = false;

  const placeOf = (event: MouseEvent): Place => {
    const { left, top } = element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };

  const onWheel = (event: WheelEvent): void => {
    const { x, y } = placeOf(event);
    const isAcross = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
    if (event.ctrlKey || event.metaKey || (listener.wheelZooms && !isAcross)) {
      event.preventDefault();
      listener.zoom?.(wheelFactor(event), x, y);
    } else if (listener.wheelZooms) {
      event.preventDefault();
      listener.pan?.(-(event.deltaX || event.deltaY), 0);
    }
  };

  const onDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const place = placeOf(event);
    pointers.set(event.pointerId, place);
    start = pointers.size === 1 ? place : undefined;
    isMoved = pointers.size > 1;
  };

  const onMove = (event: PointerEvent): void => {
    const place = placeOf(event);
    const before = pointers.get(event.pointerId);
    if (before === undefined) {
      if (event.pointerType === "mouse") listener.hover?.(place.x, place.y);
      return;
    }
    const others = [...pointers].filter(([id]) => id !== event.pointerId).map(([, other]) => other);
    pointers.set(event.pointerId, place);
    const [fixed] = others;
    if (fixed !== undefined) {
      pinched(fixed, before, place);
      return;
    }
    if (start !== undefined && Math.hypot(place.x - start.x, place.y - start.y) > TAP) isMoved = true;
    if (!isMoved || (listener.touchScrolls && event.pointerType !== "mouse")) return;
    // Only now: a click keeps going to what lies below.
    if (!element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
    listener.pan?.(place.x - before.x, place.y - before.y);
  };

  const pinched = (fixed: Place, before: Place, now: Place): void => {
    const distance = (place: Place): number => Math.max(1, Math.hypot(place.x - fixed.x, place.y - fixed.y));
    const [x, y] = [(now.x + fixed.x) / 2, (now.y + fixed.y) / 2];
    listener.zoom?.(distance(now) / distance(before), x, y);
  };

  const onUp = (event: PointerEvent): void => {
    const wasDown = pointers.delete(event.pointerId);
    if (!wasDown || event.type === "pointercancel" || isMoved || start === undefined) return;
    listener.tap?.(start.x, start.y);
  };

  const onLeave = (): void => listener.hover?.(undefined, 0);

  element.addEventListener("wheel", onWheel, { passive: false });
  element.addEventListener("pointerdown", onDown);
  element.addEventListener("pointermove", onMove);
  element.addEventListener("pointerup", onUp);
  element.addEventListener("pointercancel", onUp);
  element.addEventListener("pointerleave", onLeave);
  return () => {
    element.removeEventListener("wheel", onWheel);
    element.removeEventListener("pointerdown", onDown);
    element.removeEventListener("pointermove", onMove);
    element.removeEventListener("pointerup", onUp);
    element.removeEventListener("pointercancel", onUp);
    element.removeEventListener("pointerleave", onLeave);
  };
}

/** A notch of a wheel is a fifth; a touchpad's small steps add up to the same. */
function wheelFactor({ deltaY, deltaMode, ctrlKey }: WheelEvent): number {
  const pixels = deltaMode === 0 ? deltaY : 33 * deltaY;
  return Math.exp((ctrlKey ? -3 : -1) * 0.0018 * Math.max(-120, Math.min(120, pixels)));
}
