// Last, when the page's kinds are known.
document.addEventListener("keydown", onKey);
byId("previous").onclick = () => move(-1);
byId("next").onclick = () => move(1);
byId("open").onclick = goOpen;
byId("download").onclick = download;
byId("load").onclick = () => byId("file").click();
byId("file").onchange = load;
show();
