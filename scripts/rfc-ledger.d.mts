/** Types of `rfc-ledger.mjs`, for its test. */
export interface Carriers {
  readonly code: readonly string[];
  readonly tests: readonly string[];
}
export type Requirement =
  | readonly [label: string, section: string, wording: string]
  | readonly [label: string, section: string, wording: string, reason: string];
export const LEDGER: string;
export function carriers(): Map<string, Carriers>;
export function complaints(
  found?: ReadonlyMap<string, Carriers>,
  requirements?: readonly Requirement[],
): string[];
export function ledger(found?: ReadonlyMap<string, Carriers>): string;
