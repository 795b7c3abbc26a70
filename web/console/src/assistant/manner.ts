import type { DoorManner, Manner } from "../api/types.ts";

/** What was typed for a door; nothing said is nothing kept. */
export const withDoor = (manner: Manner, channel: string, change: Partial<DoorManner>): Manner => {
  const before: DoorManner = manner.doors[channel] ?? { tone: null, greeting: null, sign_off: null };
  const door = { ...before, ...change };
  const { [channel]: _gone, ...others } = manner.doors;
  const says = door.tone !== null || (door.greeting ?? "") !== "" || (door.sign_off ?? "") !== "";
  return { ...manner, doors: says ? { ...others, [channel]: door } : others };
};

export const isSame = (a: Manner, b: Manner): boolean => {
  const plain = ({ name, tone, persona, doors }: Manner) =>
    JSON.stringify([name ?? "", tone, persona ?? "", Object.entries(doors).sort(([one], [other]) => one.localeCompare(other))]);
  return plain(a) === plain(b);
};
