/** A file on its way, in the place where it will stand. */
import { h } from "preact";
import type { Entry } from "../panel/conversation.ts";
import { Icon } from "../panel/icons.tsx";
import { fill, words } from "../strings/strings.ts";
import type { Post } from "./post.ts";

export interface ParcelProps {
  entry: Entry;
  post: Post;
  /** Bytes of the largest file that is taken. */
  largest: number;
}

const MEGABYTE = 1024 * 1024;

/** Why a file did not leave, by the server's answer; 413 also where it was not even asked. */
const reasons: Record<string, string> = { 413: words.tooLarge, 422: words.badKind, 429: words.tooMany };

/** A file of the visitor's that is not there yet. */
export const Parcel = ({ entry, post, largest }: ParcelProps) => (
  <div class="chip">
    <Icon name="page" size={12} />
    <span>{entry.files[0]?.name}</span>
    {entry.refused === null && <progress value={entry.share ?? 0} aria-label={words.leaving} />}
    {entry.refused && !reasons[entry.refused] && <button onClick={() => post.go()}>{words.again}</button>}
    <button aria-label={words.cancel} onClick={() => post.stop(entry.key)}>
      <Icon name="close" size={14} />
    </button>
    {entry.refused && (
      <small role="status">{fill(reasons[entry.refused] ?? words.trouble, Math.round(largest / MEGABYTE))}</small>
    )}
  </div>
);
