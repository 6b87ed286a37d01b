// The page of labels, by the keyboard alone.

import { part } from "./page/elements.js";
import { LabelSession } from "./samples/label_session.js";

new LabelSession(part(document, "[data-label]", HTMLFormElement));
