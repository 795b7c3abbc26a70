import type { ChannelConnection } from "../api/types.ts";

export type State = "done" | "open" | "wrong";

export interface States {
  /** It stands in the configuration. */
  configured: State;
  /** The vendor lets us in. */
  admitted: State;
  /** Something came in. */
  heard: State;
  /** A reply left. */
  answered: State;
}

/** How far the setting up of a door has come. */
export const states = (connection: Pick<ChannelConnection, "health" | "standing" | "last_in" | "last_out" | "last_fetch"> | undefined): States => {
  if (!connection) return { configured: "open", admitted: "open", heard: "open", answered: "open" };
  const { standing, last_in: heard, last_out: answered } = connection;
  const known = standing?.asked_at != null || connection.last_fetch != null || heard !== null;
  const refused = connection.health === "error" || standing?.trouble != null;
  return {
    configured: "done",
    admitted: refused ? "wrong" : known ? ((standing?.to_do.length ?? 0) > 0 ? "open" : "done") : "open",
    heard: heard ? "done" : "open",
    answered: answered ? "done" : "open",
  };
};
