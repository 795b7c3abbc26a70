// Loads the real widget for the persona named in the address.
const persona = new URLSearchParams(location.search).get("persona") ?? "";
const script = document.createElement("script");
script.src = "/widget.js";
script.async = true;
script.dataset.connection = "web";
script.dataset.layout = "fill";
script.dataset.visitor = persona;
document.body.append(script);
