/** Files on their way: each is a message of its own, leaves once the line stands, and goes again after the line was lost. */
import type { Core } from "../core.ts";

export interface Post {
  /** Takes files; larger ones than this are refused at once. */
  take: (files: Iterable<File>, conversation: string | null, largest: number) => void;
  /** Sends what waits; called when the line stands, and when the visitor tries again. */
  go: () => void;
  /** The visitor takes it back. */
  stop: (id: string) => void;
}

interface Parcel {
  file: File;
  conversation: string | null;
  request: XMLHttpRequest | null;
}

/** Answers after which trying again is of no use; anything else may pass. */
const FINAL = [413, 422, 429];

export const post = ({ files, memory, hear }: Pick<Core, "files" | "memory" | "hear">): Post => {
  const parcels = new Map<string, Parcel>();
  const refuse = (id: string, why: string): void => hear({ type: "refused", id, why });

  const leave = (parcel: Parcel, id: string): void => {
    const { file, conversation } = parcel;
    const { session } = memory.value;
    const tell = (share: number): void => hear({ type: "leaving", id, name: file.name, conversation, share });
    tell(0);
    if (!session) return;
    const request = new XMLHttpRequest();
    parcel.request = request;
    request.open("POST", files);
    request.setRequestHeader("authorization", `Bearer ${session}`);
    request.setRequestHeader("x-file-id", id);
    request.setRequestHeader("x-file-name", encodeURIComponent(file.name));
    if (conversation) request.setRequestHeader("x-conversation", conversation);
    request.upload.onprogress = ({ loaded, total }) => tell(loaded / total);
    request.onload = () => {
      if (request.status === 200) {
        parcels.delete(id);
        hear({ type: "ack", id, ...(JSON.parse(request.responseText) as { message: string; seq: number }) });
      } else {
        if (FINAL.includes(request.status)) parcels.delete(id);
        parcel.request = null;
        refuse(id, `${request.status}`);
      }
    };
    request.onerror = () => {
      parcel.request = null;
      refuse(id, "0");
    };
    request.send(file);
  };

  return {
    take: (taken, conversation, largest) => {
      for (const file of taken) {
        const id = Date.now().toString(36) + Math.random().toString(36).slice(2);
        if (file.size > largest) {
          hear({ type: "leaving", id, name: file.name, conversation, share: 0 });
          refuse(id, "413");
          continue;
        }
        const parcel: Parcel = { file, conversation, request: null };
        parcels.set(id, parcel);
        leave(parcel, id);
      }
    },
    go: () => parcels.forEach((parcel, id) => parcel.request ?? leave(parcel, id)),
    stop: (id) => {
      parcels.get(id)?.request?.abort();
      parcels.delete(id);
      refuse(id, "");
    },
  };
};
