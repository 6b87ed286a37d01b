// The page of labels, by the keyboard alone.

import { part } from "./page/elements.js";
import { LabelForm } from "./samples/label_form.js";

new LabelForm(part(document, "[data-label]", HTMLFormElement));
