/** Names that the server writes as words with hyphens or underscores, as people read them, in the page's language. */

const french: Record<string, string> = {
  "budget-objection": "Objection sur le prix",
  "competitor-named": "Concurrent cité",
  "three-unresolved-turns": "Trois tours sans réponse",
  "human-asked-for": "Personne demandée",
  "negative-emotion": "Émotion négative",
  "refund-over-limit": "Remboursement au-delà du seuil",
  "suspected-fraud": "Fraude soupçonnée",
  vip: "VIP",
  "irreversible-action": "Action irréversible",
  "low-confidence": "Faible certitude",
  name: "Nom",
  preferred_name: "Prénom d’usage",
  email: "E-mail",
  phone: "Téléphone",
  language: "Langue",
  time_zone: "Fuseau horaire",
  company: "Entreprise",
  company_size: "Effectif",
  role: "Fonction",
  address: "Adresse",
  budget: "Budget",
  timeline: "Échéance",
  authority: "Décision",
  need: "Besoin",
  objection: "Objection",
  competitor: "Concurrent",
  product_interest: "Produit visé",
  owns_product: "Produit possédé",
  order: "Commande",
  issue: "Problème",
  preference: "Préférence",
  preferred_channel: "Canal préféré",
  preferred_hours: "Heures préférées",
  constraint: "Contrainte",
  household_member: "Foyer",
  plan: "Projet",
  stage: "Étape",
  marketing: "Publicité",
};

const english: Record<string, string> = { vip: "VIP" };

/** "needed_by" is read "Needed by"; where the page speaks French, names of ours are French. */
export const nameWords = (name: string): string => {
  const isFrench = typeof document !== "undefined" && document.documentElement.lang === "fr";
  const known = (isFrench ? french : english)[name];
  if (known) return known;
  const own = /^own_(\d+)$/.exec(name)?.[1];
  if (own) return isFrench ? `Question à vous ${own}` : `Own question ${own}`;
  const words = name.replaceAll(/[-_.]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};
