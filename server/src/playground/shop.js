// Loads the real widget for the persona named in the address, or draws the shop's contact form.
const asked = new URLSearchParams(location.search);
const persona = asked.get("persona") ?? "";

const chat = () => {
  const script = document.createElement("script");
  script.src = "/widget.js";
  script.async = true;
  script.dataset.connection = "web";
  script.dataset.layout = "fill";
  script.dataset.visitor = persona;
  document.body.append(script);
};

const contact = async () => {
  document.querySelector("main").replaceChildren(document.getElementById("contact").content.cloneNode(true));
  const form = document.querySelector("form");
  const status = form.querySelector("[role=status]");
  const place = `/playground/api/personas/${encodeURIComponent(persona)}`;
  const known = (await (await fetch(place)).json()).persona;
  form.elements.name.value = known.name_hint;
  form.elements.email.value = known.email;
  form.elements.phone.value = known.phone_e164;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const filled = Object.fromEntries(new FormData(form));
    const answer = await fetch(`${place}/form`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(filled),
    });
    const way = filled.answer_by === "email" ? filled.email : filled.phone;
    status.textContent = answer.ok ? `Thank you. We answer at ${way}.` : "That was not taken. Give us the address by which you want an answer.";
    if (answer.ok) form.elements.text.value = "";
    status.scrollIntoView({ block: "nearest" });
  });
};

if (asked.get("page") === "contact") contact();
else chat();
