/** How high a row of a table is, in px: a finger wants more than a mouse. */
const FOR_A_MOUSE = 24;
const FOR_A_FINGER = 36;

export function rowHeight(): number {
  return matchMedia("(pointer: coarse)").matches ? FOR_A_FINGER : FOR_A_MOUSE;
}
