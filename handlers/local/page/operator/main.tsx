// Wires the operator's page: the poll, and the screen.

import { render } from "preact";
import { restoreTheme } from "../src/ui/theme";
import { watch } from "./model/live";
import { Page } from "./ui/page";
import "../src/style/tokens.css";
import "../src/style/base.css";
import "./style/page.css";
import "./style/chart.css";
import "./style/lookup.css";

const root = document.getElementById("page");
if (root) {
  restoreTheme();
  render(<Page />, root);
  watch();
}
