/** The round button, its unread count and the greeting bubble, drawn by hand: it is all most pages ever load. */
import type { QuickReply } from "../protocol.ts";

const words: Record<string, [open: string, close: string]> = {
  en: ["Open chat", "Close"],
  fr: ["Ouvrir le chat", "Fermer"],
  de: ["Chat öffnen", "Schließen"],
  es: ["Abrir el chat", "Cerrar"],
  pt: ["Abrir o chat", "Fechar"],
};

export interface LauncherOptions {
  root: ShadowRoot;
  locale: string;
  open: () => void;
  /** The visitor is about to open: fetch the panel now. */
  near: () => void;
  reply: (reply: QuickReply) => void;
  dismiss: (greeting: string) => void;
}

export interface Launcher {
  count: (unread: number) => void;
  tease: (title: string, greeting: string | null, replies: QuickReply[]) => void;
  show: (visible: boolean) => void;
}

const element = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  text = "",
): HTMLElementTagNameMap[Name] => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
};

const icon = (size: number, path: string): SVGElement => {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const shape = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("width", `${size}`);
  svg.setAttribute("aria-hidden", "true");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
};

export const drawLauncher = ({ root, locale, open, near, reply, dismiss }: LauncherOptions): Launcher => {
  const [openLabel, closeLabel] = words[locale] ?? (words["en"] as [string, string]);
  const button = element("button", "launch");
  const count = element("span", "count");
  const label = (unread: number): void => button.setAttribute("aria-label", openLabel + (unread ? ` (${unread})` : ""));
  button.type = "button";
  button.setAttribute("aria-haspopup", "dialog");
  button.append(icon(27, "M20.5 12a8.5 8.5 0 0 1-12.3 7.6L3.5 21l1.4-4.7A8.5 8.5 0 1 1 20.5 12z"), count);
  button.onclick = open;
  button.onpointerenter = near;
  count.hidden = true;
  label(0);

  let bubble: HTMLElement | null = null;
  const remove = (): void => {
    bubble?.remove();
    bubble = null;
  };
  root.append(button);

  return {
    count: (unread) => {
      count.hidden = !unread;
      count.textContent = unread > 9 ? "9+" : `${unread}`;
      label(unread);
    },
    tease: (title, greeting, replies) => {
      remove();
      if (!greeting) return;
      bubble = element("div", "tease");
      bubble.setAttribute("role", "status");
      const say = element("button", "say", greeting);
      const cross = element("button", "cross");
      say.onclick = open;
      cross.setAttribute("aria-label", closeLabel);
      cross.append(icon(16, "M18 6 6 18M6 6l12 12"));
      cross.onclick = () => {
        remove();
        dismiss(greeting);
      };
      bubble.append(element("b", "", title), say, cross);
      if (replies.length) {
        const quick = element("div", "quick");
        for (const one of replies.slice(0, 2)) {
          const choice = element("button", "", one.title);
          choice.onclick = () => reply(one);
          quick.append(choice);
        }
        bubble.append(quick);
      }
      root.append(bubble);
    },
    show: (visible) => {
      button.hidden = !visible;
      if (!visible) remove();
      else button.focus({ preventScroll: true });
    },
  };
};
