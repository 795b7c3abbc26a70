import { isUnended } from "../api/actions.ts";
import type { EscalationMark } from "../api/types.ts";

interface Written {
  channel: string;
  escalation: Pick<EscalationMark, "status" | "way"> | null;
  doors: readonly { channel: string; open: boolean }[];
}

/** Where a reply goes unless one picks another door: the last one used, or email where a rule asks for papers and there is one. */
export const bestDoor = ({ channel, escalation, doors }: Written): string => {
  const byMail = escalation?.way === "email" && isUnended(escalation.status);
  return byMail && doors.some((door) => door.channel === "email" && door.open) ? "email" : channel;
};

interface At {
  channel: string;
  connection: string;
}

/** A door by its name: a business may have several addresses on one channel. */
export const doorKey = ({ channel, connection }: At): string => `${channel} ${connection}`;

/** The door on a channel: by the address that the conversation came through, else by any. */
export const doorOn = <D extends At>({ connection, doors }: { connection: string; doors: readonly D[] }, channel: string): D | undefined =>
  doors.find((door) => door.channel === channel && door.connection === connection) ?? doors.find((door) => door.channel === channel);
