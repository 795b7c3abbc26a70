import type { Customer, Fact } from "../api/types.ts";

/** One thing known about a customer: the value in use, what it replaced, and any rival value. */
export interface KnownFact {
  predicate: string;
  current: Fact;
  replaced: Fact[];
  rivals: Fact[];
}

/** Groups facts by what they are about; the value in use is pinned, or else the newest. */
export const groupFacts = (facts: readonly Fact[]): KnownFact[] => {
  const groups = new Map<string, Fact[]>();
  for (const fact of facts) {
    if (fact.status === "retracted") continue;
    groups.set(fact.predicate, [...(groups.get(fact.predicate) ?? []), fact]);
  }
  const known: KnownFact[] = [];
  for (const [predicate, group] of groups) {
    const sorted = [...group].sort((one, other) => Date.parse(other.recorded_at) - Date.parse(one.recorded_at));
    const live = sorted.filter((fact) => fact.status !== "superseded");
    const current = live.find((fact) => fact.pinned) ?? live.find((fact) => fact.status === "active") ?? live[0];
    if (!current) continue;
    known.push({
      predicate,
      current,
      replaced: sorted.filter((fact) => fact.status === "superseded"),
      rivals: live.filter((fact) => fact !== current && fact.value !== current.value && fact.status === "disputed"),
    });
  }
  return known;
};

/** "needed_by" as people read it: "Needed by". */
export const predicateWords = (predicate: string): string => {
  const words = predicate.replaceAll(/[-_.]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** The doors a customer has come through, in the order they were first seen. */
export const doorsOf = (customer: Customer): string[] => {
  const sorted = [...customer.identifiers].sort(
    (one, other) => Date.parse(one.first_seen) - Date.parse(other.first_seen),
  );
  return [...new Set(sorted.map((identifier) => identifierChannel(identifier.kind, identifier.origin)))];
};

const kindChannels: Record<string, string> = {
  visitor: "widget",
  widget: "widget",
  whatsapp: "whatsapp",
  bsuid: "whatsapp",
  telegram: "telegram",
  discord: "discord",
  email: "email",
  sms: "sms",
  rcs: "rcs",
  instagram: "instagram",
  messenger: "messenger",
  voice: "voice",
  phone: "sms",
};

/** The door an identifier belongs to, from its origin where that names one, else from its kind. */
export const identifierChannel = (kind: string, origin: string): string => {
  const named = Object.keys(kindChannels).find((name) => origin.toLowerCase().includes(name));
  if (named && named !== "phone" && named !== "visitor") return kindChannels[named] ?? "api";
  const start = Object.keys(kindChannels).find((name) => kind.toLowerCase().startsWith(name));
  return start ? (kindChannels[start] ?? "api") : "api";
};
