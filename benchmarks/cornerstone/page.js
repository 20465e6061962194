// One slice with Cornerstone3D, by the shortest way: the page knows which slice, its metadata is that
// of one instance, the frame comes as HTJ2K. No tools, no series list, no audit of its own.

import { Enums, init, RenderingEngine } from "@cornerstonejs/core";
import { init as initLoader, wadors } from "@cornerstonejs/dicom-image-loader";

const HTJ2K = "image/jphc;transfer-syntax=1.2.840.10008.1.2.4.202";

async function start() {
  const address = new URLSearchParams(location.search).get("instance");
  const told = fetch(`${address}/metadata`, { headers: { Accept: "application/dicom+json" } });
  await init();
  initLoader({ maxWebWorkers: 1 });
  const imageId = `wadors:${location.origin}${address}/frames/1?accept=${encodeURIComponent(HTJ2K)}`;
  const [metadata] = await (await told).json();
  wadors.metaDataManager.add(imageId, metadata);
  const element = document.getElementById("stage");
  element.addEventListener(Enums.Events.IMAGE_RENDERED, () => (element.dataset.quality = "full"));
  const engine = new RenderingEngine("engine");
  engine.enableElement({ viewportId: "only", type: Enums.ViewportType.STACK, element });
  await engine.getViewport("only").setStack([imageId]);
  engine.render();
}

void start();
