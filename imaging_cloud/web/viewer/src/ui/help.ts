/** What fingers and keys do, as a table; opened by a button and by "?". */

import { element, wordButton } from "./dom.ts";
import type { texts } from "./texts.ts";

export function helpDialog(words: ReturnType<typeof texts>, measuring: boolean): HTMLDialogElement {
  const dialog = element("dialog", { class: "help", "aria-label": words("help") });
  dialog.append(element("h2", {}, words("help")), rowsOf(words("helpFingers")));
  dialog.append(element("h3", {}, words("helpKeysTitle")), rowsOf(words("helpKeys")));
  if (measuring) dialog.append(element("h3", {}, words("helpMeasuringTitle")), rowsOf(words("helpMeasuring")));
  dialog.append(wordButton(words("close"), () => dialog.close()));
  document.body.append(dialog);
  return dialog;
}

/** "what|does;what|does" */
function rowsOf(text: string): HTMLElement {
  const list = element("dl");
  for (const row of text.split(";")) {
    const [what = "", does = ""] = row.split("|");
    list.append(element("div", {}, element("dt", {}, what), element("dd", {}, does)));
  }
  return list;
}
