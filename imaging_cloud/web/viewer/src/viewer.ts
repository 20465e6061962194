/** The page of /view: one study, or two side by side. The server has drawn the first picture. */

import { Decoder } from "./load/decoder.ts";
import { limitsOf } from "./load/loader.ts";
import { NotReached, ServerSource } from "./load/source.ts";
import { button, element, relabel } from "./ui/dom.ts";
import { listenForKeys } from "./ui/keys.ts";
import { Linking } from "./ui/linking.ts";
import { Pane } from "./ui/pane.ts";
import { texts } from "./ui/texts.ts";
import { Toolbar } from "./ui/toolbar.ts";

interface ShownSeries {
  uid: string;
  /** Where WADO-RS has it: "/dicom-web/studies/…/series/…". */
  address: string;
  /** Where its document and previews are: "/view-api/studies/…/series/…". */
  view: string;
  modality: string;
  description: string;
  number: number | null;
}

/** What the server writes into the page (web/viewer_page.py). */
interface PageFacts {
  language: string;
  decoder: string;
  wasm: string;
  measuring: boolean;
  studies: { uid: string; series: ShownSeries[]; first: { series: string; instance: string; frame: number } | null }[];
}

interface Side {
  pane: Pane;
  series: ShownSeries[];
  open: string;
  opening: AbortController;
}

function start(): void {
  const written = document.getElementById("view-facts")?.textContent;
  const root = document.querySelector<HTMLElement>(".viewer");
  const scrubber = document.querySelector<HTMLInputElement>(".scrubber");
  if (!written || root === null || scrubber === null) return;
  const facts = JSON.parse(written) as PageFacts;
  const words = texts(facts.language);
  const query = new URLSearchParams(location.search);
  const device = navigator as Navigator & {
    deviceMemory?: number;
    connection?: { saveData?: boolean };
  };
  const limits = limitsOf(device.deviceMemory, device.connection?.saveData ?? false);
  const cores = Math.max(1, Math.min((navigator.hardwareConcurrency || 2) - 1, 3));
  const decoder = new Decoder(facts.decoder, facts.wasm, cores);
  const parts = { decoder, limits, renderer: query.get("renderer") ?? "", words };
  let active = 0;
  const sides: Side[] = [];
  const pane = () => (sides[active] ?? sides[0])?.pane as Pane;

  const events = {
    changed: (of: Pane) => {
      if (of === sides[active]?.pane) toolbar.follow();
      const { full, preview, sharper } = of.progress;
      Object.assign(root.dataset, { full, previews: preview, sharper });
    },
    scrolled: (of: Pane) => linking.scrolled(of),
  };
  const places = [...root.querySelectorAll<HTMLElement>(".pane")];
  const choices = { words, pane, measuring: facts.measuring };
  const controls = root.querySelector<HTMLElement>(".controls") ?? root;
  places.forEach((place, at) => {
    const made = new Pane(place, parts, events);
    sides.push({ pane: made, series: facts.studies[at]?.series ?? [], open: "", opening: new AbortController() });
    place.addEventListener("pointerdown", () => activate(at), { capture: true });
    place.addEventListener("focusin", () => activate(at));
  });
  const linking = new Linking(() => sides.map((each) => each.pane));
  const toolbar = new Toolbar(controls, scrubber, choices);
  root.classList.add("ready");
  const toggleLink = () => {
    linking.toggle();
    linkButton.setAttribute("aria-pressed", String(linking.on));
    relabel(linkButton, words(linking.on ? "linked" : "unlinked"), "⇄");
  };
  const linkButton = button(words("linked"), "⇄", toggleLink);
  linkButton.setAttribute("aria-pressed", "true");

  const activate = (at: number) => {
    active = at;
    places.forEach((place, each) => place.classList.toggle("active", each === at && places.length > 1));
    toolbar.follow();
  };

  const open = async (at: number, uid: string, first: { instance: string; frame: number } | null) => {
    const side = sides[at];
    const about = side?.series.find((each) => each.uid === uid);
    if (side === undefined || about === undefined || side.open === uid) return;
    side.open = uid;
    side.pane.failed(null);
    linking.forget();
    side.opening.abort();
    side.opening = new AbortController();
    toolbar.stop();
    mark(places[at], uid);
    try {
      const { source, series } = await ServerSource.open(about, side.opening.signal);
      const wanted = series.pictures.findIndex(
        (each) => each.sopInstanceUid === first?.instance && each.frame === first.frame,
      );
      if (series.pictures.length > 0) side.pane.open(series, source, Math.max(wanted, 0));
      else side.pane.stage.dataset["quality"] = "none";
    } catch (error) {
      if (side.opening.signal.aborted) return;
      side.open = "";
      if (error instanceof NotReached && (error.status === 401 || error.status === 403)) {
        // Permission or log-in has ended: nothing that was on the screen stays there.
        side.pane.close();
        location.reload();
        return;
      }
      side.pane.failed(() => void open(at, uid, first));
      console.warn("series:", error);
    }
  };

  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-series]") : null;
    if (link === null || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    const at = Number(link.dataset["side"] ?? "0");
    activate(at);
    void open(at, link.dataset["series"] ?? "", null);
  });

  if (sides.length > 1) toolbar.root.lastElementChild?.prepend(linkButton);
  listenForKeys(toolbar, sides.length > 1 ? { l: toggleLink } : {});
  const offline = element("p", { class: "offline", role: "status" });
  root.append(offline);
  const tellNetwork = () => offline.replaceChildren(navigator.onLine ? "" : words("offline"));
  window.addEventListener("online", () => {
    tellNetwork();
    for (const each of sides) each.pane.retry();
  });
  window.addEventListener("offline", tellNetwork);
  facts.studies.forEach((study, at) => {
    void open(at, study.first?.series ?? study.series[0]?.uid ?? "", study.first);
  });
  activate(0);
  // For tests: what is drawn, in values, and by what.
  Object.assign(window, { imagingCloudViewer: { panes: sides.map((each) => each.pane), decoder } });
}

function mark(place: HTMLElement | undefined, uid: string): void {
  const side = place?.dataset["side"] ?? "0";
  for (const each of document.querySelectorAll<HTMLElement>(`[data-series][data-side="${side}"]`)) {
    if (each.dataset["series"] === uid) each.setAttribute("aria-current", "true");
    else each.removeAttribute("aria-current");
  }
}

start();
