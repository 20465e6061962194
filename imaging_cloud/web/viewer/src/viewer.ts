/** The page of /view: one study, or two side by side. The server has drawn the first picture. */

import { alongNormal } from "./image/geometry.ts";
import { Decoder } from "./load/decoder.ts";
import { limitsOf } from "./load/loader.ts";
import { NotReached, ServerSource } from "./load/source.ts";
import { wordButton } from "./ui/dom.ts";
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
  let linked = facts.studies.length > 1;
  const sides: Side[] = [];
  const pane = () => (sides[active] ?? sides[0])?.pane as Pane;

  const events = {
    changed: (of: Pane) => {
      if (of === sides[active]?.pane) toolbar.follow();
      const { full, preview, sharper } = of.progress;
      Object.assign(root.dataset, { full, previews: preview, sharper });
    },
    scrolled: (of: Pane) => {
      if (linked) for (const each of sides) if (each.pane !== of) follow(each.pane, of);
    },
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
  const toolbar = new Toolbar(controls, scrubber, choices);
  root.classList.add("ready");

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
      side.pane.hint(words("failed"));
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

  if (sides.length > 1) controls.prepend(linkButton());
  facts.studies.forEach((study, at) => {
    void open(at, study.first?.series ?? study.series[0]?.uid ?? "", study.first);
  });
  activate(0);
  // For tests: what is drawn, in values, and by what.
  Object.assign(window, { imagingCloudViewer: { panes: sides.map((each) => each.pane), decoder } });

  function linkButton(): HTMLButtonElement {
    const made = wordButton(words("linked"), () => {
      linked = !linked;
      made.setAttribute("aria-pressed", String(linked));
      made.textContent = words(linked ? "linked" : "unlinked");
    });
    made.setAttribute("aria-pressed", "true");
    return made;
  }
}

/** Bring the other stage to the same place: by position in one frame of reference, else by share. */
function follow(other: Pane, leader: Pane): void {
  const mine = other.series?.pictures ?? [];
  const theirs = leader.series?.pictures ?? [];
  const shown = leader.picture;
  if (mine.length === 0 || shown === null) return;
  const place = alongNormal(shown.orientation, shown.position);
  const same = mine[0]?.frameOfReference !== "" && mine[0]?.frameOfReference === shown.frameOfReference;
  if (same && place !== null) {
    let best = 0;
    let least = Infinity;
    mine.forEach((each, at) => {
      const there = alongNormal(shown.orientation, each.position);
      const away = there === null ? Infinity : Math.abs(there - place);
      if (away < least) [best, least] = [at, away];
    });
    other.goTo(best);
    return;
  }
  other.goTo((leader.index / Math.max(theirs.length - 1, 1)) * (mine.length - 1));
}

function mark(place: HTMLElement | undefined, uid: string): void {
  const side = place?.dataset["side"] ?? "0";
  for (const each of document.querySelectorAll<HTMLElement>(`[data-series][data-side="${side}"]`)) {
    if (each.dataset["series"] === uid) each.setAttribute("aria-current", "true");
    else each.removeAttribute("aria-current");
  }
}

start();
