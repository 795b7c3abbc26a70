/** Lines of the audit log as people read them. */

const named = {
  "GET /api/v1/customers": "listed",
  "GET /api/v1/customers/{id}": "person",
  "GET /api/v1/customers/{id}/timeline": "timeline",
  "GET /api/v1/customers/{id}/export": "exported",
  "DELETE /api/v1/customers/{id}": "erased",
  "POST /api/v1/customers/{id}/keep": "kept",
  "PATCH /api/v1/customers/{id}": "changed",
  "POST /api/v1/customers/{id}/merge": "merged",
  "POST /api/v1/merges/{id}/undo": "parted",
  "GET /api/v1/conversations": "inbox",
  "GET /api/v1/conversations/{id}": "conversation",
  "POST /api/v1/conversations/{id}/take": "took",
  "POST /api/v1/conversations/{id}/reply": "replied",
  "POST /api/v1/conversations/{id}/note": "noted",
  "POST /api/v1/conversations/{id}/resolve": "resolved",
  "POST /api/v1/conversations/{id}/return": "returned",
  "POST /api/v1/conversations/{id}/assign": "assigned",
  "GET /api/v1/escalations": "escalations",
  "GET /api/v1/search": "searched",
  "GET /api/v1/audit": "log",
  "GET /api/v1/analytics/{report}/conversations": "figures",
  "GET /api/v1/turns/{id}": "turn",
  "POST /api/v1/session": "signedIn",
  "DELETE /api/v1/session": "signedOut",
  "POST /api/v1/teammates": "invited",
  "PATCH /api/v1/teammates/{id}": "teammate",
  "DELETE /api/v1/teammates/{id}": "removed",
  "POST /api/v1/tokens": "token",
  "DELETE /api/v1/tokens/{id}": "tokenEnded",
  "PATCH /api/v1/channels/{id}": "dial",
  "POST /api/v1/events": "told",
} as const;

export type ActName = (typeof named)[keyof typeof named];

const isKnown = (act: string): act is keyof typeof named => act in named;

/** The name of an act that has words of its own. */
export const actName = (act: string): ActName | null => (isKnown(act) ? named[act] : null);

/** Looked at, changed, or taken away. */
export const actKind = (act: string): "looked" | "changed" | "removed" =>
  act.startsWith("GET ") || !act.includes(" ") ? "looked" : act.startsWith("DELETE ") ? "removed" : "changed";

/** What kind of caller it was, and which. */
export const actorOf = (actor: string): { kind: "operator" | "token" | "teammate" | "other"; id: string } => {
  const [kind = "", id = ""] = actor.split(":");
  return kind === "operator" || kind === "token" || kind === "teammate" ? { kind, id } : { kind: "other", id: actor };
};

/** The ids that have a page, and those that have none. */
export const subjectsOf = (subjects: readonly string[]): { people: string[]; conversations: string[]; others: string[] } => ({
  people: subjects.filter((id) => id.startsWith("cus_")),
  conversations: subjects.filter((id) => id.startsWith("cnv_")),
  others: subjects.filter((id) => !/^(cus|cnv)_/.test(id)),
});
