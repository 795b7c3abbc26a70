import "../styles.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startTheme } from "../theme/theme.ts";
import { Playground } from "./Playground.tsx";
import { firstLanguage, SpeechContext, speechIn } from "./words.ts";

startTheme();
const speech = speechIn(firstLanguage());
document.documentElement.lang = speech.language;
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <SpeechContext value={speech}>
        <Playground />
      </SpeechContext>
    </StrictMode>,
  );
}
