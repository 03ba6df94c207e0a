/** The inspector's page. */
import "./styles/tokens.css";
import { render } from "preact";
import { App } from "./app/app.tsx";

const root = document.getElementById("page");
if (root !== null) render(<App />, root);
