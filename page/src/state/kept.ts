/** What the browser keeps of the user's choices. Where it keeps nothing, a choice lasts as long as the page. */

export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(`postel.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`postel.${name}`, value);
  } catch {
    // A browser that refuses storage: the choice holds until the page is left.
  }
}
