/** The frame of the page: what is watched, the views, and what they stand in. */
export function App() {
  return <h1>Postel</h1>;
}
