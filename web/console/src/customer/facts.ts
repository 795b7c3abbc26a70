import type { Customer, Fact, Identifier, Proof } from "../api/types.ts";
import { nameWords } from "../elements/names.ts";

/** One thing known about a customer: the value in use, what it replaced, and any rival value. */
export interface KnownFact {
  predicate: string;
  current: Fact;
  replaced: Fact[];
  rivals: Fact[];
}

/** Who somebody is comes first, then what they want; everything else follows as it was learned. */
const firstOnes: readonly string[] = ["name", "company", "company_size", "need", "quantity", "budget", "timeline"];

const rank = (predicate: string): number => {
  const place = firstOnes.indexOf(predicate);
  return place < 0 ? firstOnes.length : place;
};

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
  return known.sort((one, other) => rank(one.predicate) - rank(other.predicate));
};

/** "needed_by" as people read it: "Needed by". */
export const predicateWords = nameWords;

/** What a fact is about; a matter of the business's own goes by the name it was given. */
export const factWords = ({ predicate, data }: Pick<Fact, "predicate" | "data">): string => {
  const label: unknown = typeof data === "object" && data !== null && "label" in data ? data.label : null;
  return predicate.startsWith("own_") && typeof label === "string" ? label : predicateWords(predicate);
};

const digits = (value: string): string => value.replaceAll(/\D/g, "");

const trustOrder: readonly Proof[] = ["anonymous", "claimed", "channel_asserted", "verified"];

/** Addresses without repeats: a number known from WhatsApp is one address, as well proven as the better of the two. */
export const addressesOf = (identifiers: readonly Identifier[]): Identifier[] => {
  const sorted = [...identifiers].sort((one, other) => Date.parse(one.first_seen) - Date.parse(other.first_seen));
  const phones = sorted.filter(({ kind }) => kind === "phone");
  const messengers = new Set(sorted.filter(({ kind }) => kind === "whatsapp").map(({ value }) => digits(value)));
  return sorted
    .filter(({ kind, value }) => kind !== "phone" || !messengers.has(digits(value)))
    .map((identifier) => {
      const same = identifier.kind === "whatsapp" && phones.find(({ value }) => digits(value) === digits(identifier.value));
      if (!same) return identifier;
      const isBetter = trustOrder.indexOf(same.trust) > trustOrder.indexOf(identifier.trust);
      return { ...identifier, value: same.value, trust: isBetter ? same.trust : identifier.trust };
    });
};

/** "+33 6 39 98 00 96" for a number; anything else as it is. */
export const addressWords = ({ kind, value }: Pick<Identifier, "kind" | "value">): string => {
  if (kind !== "phone" && kind !== "whatsapp" && kind !== "sms") return value;
  const french = /^\+?33(\d)(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(value);
  if (french) return `+33 ${french.slice(1).join(" ")}`;
  return /^\d{8,}$/.test(value) ? `+${value}` : value;
};

/** The number they are best called on: of those that are proven best, the latest one. */
export const phoneOf = (customer: Customer | undefined): string | null => {
  const numbers = (customer?.identifiers ?? []).filter(({ kind }) => kind === "phone");
  const best = numbers.sort((one, other) => {
    const proven = trustOrder.indexOf(other.trust) - trustOrder.indexOf(one.trust);
    return proven !== 0 ? proven : Date.parse(other.last_seen) - Date.parse(one.last_seen);
  })[0];
  return best?.value ?? null;
};

/** The doors a customer has come through, in the order they were first seen. */
export const doorsOf = (customer: Customer): string[] => {
  const addressed: (string | null)[] = addressesOf(customer.identifiers).map(({ kind, origin }) => identifierChannel(kind, origin));
  // What a teammate or a list told came through no door.
  const all = new Set([...addressed, ...customer.facts.map(({ channel }) => channel)]);
  return [...all].filter((channel): channel is string => channel !== null && channel !== "");
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
