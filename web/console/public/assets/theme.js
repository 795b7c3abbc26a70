// Puts the remembered theme on the page before anything is drawn.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem("rapport.theme");
  } catch {
    choice = null;
  }
  const dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
