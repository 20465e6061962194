// All of the page works without this; it lets a phone install the portal.
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/service-worker.js").catch(() => {});
