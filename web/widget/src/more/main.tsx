/** What few visitors want: the ways on to other doors, sending files, a sound. It draws with what the panel has. */
import "./doors.ts";
import { Parcel } from "./parcel.tsx";
import { post } from "./post.ts";
import styles from "./sheet.css?inline";
import { Sheet } from "./sheet.tsx";
import { sound } from "./sound.ts";

window.rapport?.more?.({ Sheet, Parcel, post, sound, styles });
