const storageKey = "rapport.hold";

/** Seconds in which a reply can be taken back; nought sends at once. */
export const holdChoices = [0, 5, 10, 20] as const;

export const holdSeconds = (): number => {
  const kept = Number(window.localStorage.getItem(storageKey) ?? "10");
  return holdChoices.find((choice) => choice === kept) ?? 10;
};

export const setHoldSeconds = (seconds: number): void => window.localStorage.setItem(storageKey, String(seconds));
