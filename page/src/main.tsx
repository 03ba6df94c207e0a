/** The inspector's page. */
import "./styles/tokens.css";
import "./styles/page.css";
import { render } from "preact";
import { App } from "./app/app.tsx";
import { listenForShortcuts } from "./app/shortcuts.ts";
import { arrive } from "./state/arrival.ts";
import { followTheme } from "./state/theme.ts";
import { followBreadth } from "./state/workspace.ts";
import { followLanguage } from "./text/language.ts";

followLanguage(document.documentElement);
followTheme(document.documentElement);
followBreadth();
listenForShortcuts();
void arrive();

const root = document.getElementById("page");
if (root !== null) render(<App />, root);
