/** A rule's name as the server takes it: "Gold & unhappy" becomes gold-unhappy. */
export const asName = (typed: string): string =>
  typed
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60)
    .replace(/-+$/, "");
