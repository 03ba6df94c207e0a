/** Node keeps what belongs to its objects behind symbols, which are found by their descriptions. */
export function hiddenSymbol(object: object, description: string): symbol {
  const found = Object.getOwnPropertySymbols(object).find(symbol => symbol.description === description);
  if (found === undefined) throw new Error(`this Node's ${object.constructor.name} has no "${description}"`);
  return found;
}
