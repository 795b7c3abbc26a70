import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import en from "./en.json";
import fr from "./fr.json";

export const languages = ["en", "fr"] as const;
export type Language = (typeof languages)[number];

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "console";
    resources: { console: typeof en };
  }
}

const storageKey = "rapport.language";

const isLanguage = (value: string | null | undefined): value is Language =>
  languages.some((language) => language === value);

const firstLanguage = (): Language => {
  if (typeof window === "undefined") return "en";
  const chosen = window.localStorage.getItem(storageKey);
  if (isLanguage(chosen)) return chosen;
  const spoken = window.navigator.language.slice(0, 2);
  return isLanguage(spoken) ? spoken : "en";
};

export const i18n = i18next.createInstance();

void i18n.use(initReactI18next).init({
  lng: firstLanguage(),
  fallbackLng: "en",
  defaultNS: "console",
  ns: ["console"],
  resources: { en: { console: en }, fr: { console: fr } },
  interpolation: { escapeValue: false },
  initAsync: false,
});

const markDocument = (language: string) => {
  if (typeof document !== "undefined") document.documentElement.lang = language;
};
markDocument(i18n.language);

export const chooseLanguage = async (language: Language): Promise<void> => {
  window.localStorage.setItem(storageKey, language);
  await i18n.changeLanguage(language);
  markDocument(language);
};
